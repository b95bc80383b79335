// Package plane starts a real Kubernetes control plane on loopback for as long as a test
// lasts: etcd, API server, controllers and scheduler as released. Nodes are KWOK's: they
// take pods and tell that these run, but run nothing. So what is decided by the control
// plane is proven here (admission, placing, disruption, scaling, rollouts, what is left
// behind); what happens in a pod, on its network or on a card is not.
package plane

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Plane is a running control plane. Whoever started it stops it.
type Plane struct {
	Config *rest.Config
	Client kubernetes.Interface

	bin, dir  string
	processes []*process
}

// Start runs the programs of the folder bin (etcd, kube-apiserver, kube-controller-manager,
// kube-scheduler, kwok, kubectl, helm) with everything they write in dir, and returns when
// the API server is ready and a namespace can be used. On an error nothing is left running.
func Start(ctx context.Context, bin, dir string) (*Plane, error) {
	p := &Plane{bin: bin, dir: dir}
	if err := p.start(ctx); err != nil {
		p.Stop()
		return nil, fmt.Errorf("control plane: %w", err)
	}
	return p, nil
}

// Stop ends every program, the last one first.
func (p *Plane) Stop() {
	for i := len(p.processes) - 1; i >= 0; i-- {
		p.processes[i].stop()
	}
}

func (p *Plane) start(ctx context.Context) error {
	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	if err := writeAccess(p.dir, ports[2]); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(p.dir, "stages.yaml"), stages, 0o600); err != nil {
		return err
	}
	if err := p.launch(etcd(ports[0], ports[1]), apiServer(ports[0], ports[2])); err != nil {
		return err
	}
	if err := p.poll(ctx, p.connect); err != nil {
		return err
	}
	if err := p.launch(controllers(), scheduler(), nodes()); err != nil {
		return err
	}
	return p.poll(ctx, p.usable)
}

func (p *Plane) launch(commands ...command) error {
	for _, c := range commands {
		one, err := launch(p.bin, p.dir, c.program, c.args...)
		if err != nil {
			return err
		}
		p.processes = append(p.processes, one)
	}
	return nil
}

// poll asks until the answer is nil. It gives up when a program has ended, or with ctx.
func (p *Plane) poll(ctx context.Context, ask func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextCancel(ctx, 100*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		for _, one := range p.processes {
			if err := one.ended(); err != nil {
				return false, err
			}
		}
		last = ask(ctx)
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("%w (last seen: %v)", err, last)
	}
	return nil
}

// connect makes the client. The API server writes its certificate when it starts, so at
// first there is none to trust.
func (p *Plane) connect(ctx context.Context) error {
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(p.dir, kubeconfig))
	if err != nil {
		return err
	}
	config.QPS = -1 // tests ask often
	config.WarningHandler = rest.NoWarnings{}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	p.Config, p.Client = config, client
	return client.RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
}

// usable is nil once the controllers have furnished a namespace.
func (p *Plane) usable(ctx context.Context) error {
	_, err := p.Client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
	return err
}
