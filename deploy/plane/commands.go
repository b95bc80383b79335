package plane

import (
	_ "embed"
	"fmt"
	"strconv"
)

// stages tell KWOK how nodes and pods come up and go.
//
//go:embed stages.yaml
var stages []byte

// command is a program of the plane and what it is told. Paths are those of its folder.
type command struct {
	program string
	args    []string
}

func etcd(client, peer int) command {
	clients, peers := fmt.Sprintf("http://127.0.0.1:%d", client), fmt.Sprintf("http://127.0.0.1:%d", peer)
	return command{"etcd", []string{
		"--data-dir=etcd", "--unsafe-no-fsync",
		"--listen-client-urls=" + clients, "--advertise-client-urls=" + clients,
		"--listen-peer-urls=" + peers, "--initial-advertise-peer-urls=" + peers, "--initial-cluster=default=" + peers,
	}}
}

// apiServer enforces what is on by default, Pod Security among it. Nobody but us has its token.
func apiServer(etcd, port int) command {
	return command{"kube-apiserver", []string{
		fmt.Sprintf("--etcd-servers=http://127.0.0.1:%d", etcd),
		"--bind-address=127.0.0.1", "--secure-port=" + strconv.Itoa(port), "--cert-dir=" + certificates,
		"--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.0.0.0/24",
		"--authorization-mode=RBAC", "--token-auth-file=" + tokens,
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + accountKey, "--service-account-signing-key-file=" + accountKey,
	}}
}

// controllers scale every second instead of every 15, so that a test need not wait. Nodes
// tell once that they are Ready, and no test takes one away: an hour's silence is no failure.
func controllers() command {
	return command{"kube-controller-manager", []string{
		"--kubeconfig=" + kubeconfig, "--service-account-private-key-file=" + accountKey, "--root-ca-file=" + certificate,
		"--leader-elect=false", "--secure-port=0", "--controllers=*,-nodeipam",
		"--horizontal-pod-autoscaler-sync-period=1s", "--node-monitor-grace-period=1h",
	}}
}

func scheduler() command {
	return command{"kube-scheduler", []string{
		"--kubeconfig=" + kubeconfig, "--leader-elect=false", "--secure-port=0", "--authentication-skip-lookup",
	}}
}

func nodes() command {
	return command{"kwok", []string{"--kubeconfig=" + kubeconfig, "--manage-all-nodes=true", "--config=stages.yaml"}}
}
