package plane

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// Names in the plane's folder.
const (
	kubeconfig   = "kubeconfig"
	tokens       = "tokens.csv"
	accountKey   = "accounts.key"
	certificates = "certificates"
	certificate  = certificates + "/apiserver.crt"
)

// writeAccess writes who may do what: a key that signs the tokens of service accounts, and
// one administrator with a random token, whose kubeconfig trusts only the certificate that
// the API server is going to write.
func writeAccess(dir string, port int) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	token := rand.Text()
	for name, text := range map[string]string{
		accountKey: string(key),
		tokens:     token + ",admin,admin,\"system:masters\"\n",
		kubeconfig: fmt.Sprintf(access, certificate, port, token),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

const access = `apiVersion: v1
kind: Config
current-context: plane
clusters: [{name: plane, cluster: {certificate-authority: %s, server: "https://127.0.0.1:%d"}}]
users: [{name: admin, user: {token: %s}}]
contexts: [{name: plane, context: {cluster: plane, user: admin}}]
`

func newKey() ([]byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}), nil
}

// freePorts finds ports of loopback that nobody has now. Another program could take one
// before ours does, which then says so and ends.
func freePorts(n int) ([]int, error) {
	ports := make([]int, n)
	for i := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}
