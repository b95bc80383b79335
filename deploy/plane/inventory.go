package plane

import (
	"context"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/metadata"
)

// fleeting are kinds that come and go by themselves, whatever is installed.
var fleeting = []string{"events", "leases"}

// Inventory names every object of every kind that the API server keeps, custom ones too,
// as "resource.group namespace/name".
func (p *Plane) Inventory(ctx context.Context) ([]string, error) {
	kinds, err := p.kinds()
	if err != nil {
		return nil, err
	}
	client, err := metadata.NewForConfig(p.Config)
	if err != nil {
		return nil, err
	}
	var all []string
	for kind := range kinds {
		list, err := client.Resource(kind).List(ctx, metav1.ListOptions{})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", kind.Resource, err)
		}
		for _, o := range list.Items {
			all = append(all, fmt.Sprintf("%s %s/%s", kind.GroupResource(), o.Namespace, o.Name))
		}
	}
	slices.Sort(all)
	return all, nil
}

func (p *Plane) kinds() (map[schema.GroupVersionResource]struct{}, error) {
	lists, err := p.Client.Discovery().ServerPreferredResources()
	if err != nil {
		return nil, err
	}
	kept := discovery.FilteredBy(discovery.ResourcePredicateFunc(func(_ string, r *metav1.APIResource) bool {
		return slices.Contains(r.Verbs, "list") && !slices.Contains(fleeting, r.Name) && !strings.Contains(r.Name, "/")
	}), lists)
	return discovery.GroupVersionResources(kept)
}
