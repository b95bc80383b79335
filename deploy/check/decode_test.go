package check

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// documents splits a file of manifests.
func documents(text string) [][]byte {
	var all [][]byte
	for document := range bytes.SplitSeq([]byte("\n"+text), []byte("\n---\n")) {
		if values := map[string]any{}; yaml.Unmarshal(document, &values) == nil && len(values) > 0 {
			all = append(all, document)
		}
	}
	return all
}

// decode holds a manifest to its type as strictly as an API server does: Kubernetes' own
// by their Go types, others by their definitions. What it returns is nil for those.
func decode(definitions map[schema.GroupVersionKind]definition, document []byte) (runtime.Object, error) {
	var kind struct{ APIVersion, Kind string }
	if err := yaml.Unmarshal(document, &kind); err != nil {
		return nil, err
	}
	gvk := schema.FromAPIVersionAndKind(kind.APIVersion, kind.Kind)
	if d, ok := definitions[gvk]; ok {
		return nil, d.validate(document)
	}
	object, _, err := strict.Decode(document, nil, nil)
	return object, err
}

var strict = serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()

// definition is the schema of one version of a custom resource.
type definition struct {
	validator  validation.SchemaValidator
	structural *structuralschema.Structural
}

// validate refuses wrong values and, as --validate=strict does, fields that nobody knows.
func (d definition) validate(document []byte) error {
	var object map[string]any
	if err := yaml.UnmarshalStrict(document, &object); err != nil {
		return err
	}
	if errs := validation.ValidateCustomResource(nil, object, d.validator); len(errs) > 0 {
		return errs.ToAggregate()
	}
	options := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	if unknown := pruning.PruneWithOptions(object, d.structural, true, options); len(unknown) > 0 {
		return fmt.Errorf("unknown fields: %s", strings.Join(unknown, ", "))
	}
	return nil
}

// definitions reads testdata/crds.
func definitions(t *testing.T) map[schema.GroupVersionKind]definition {
	t.Helper()
	files, err := filepath.Glob("testdata/crds/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no definitions: %v", err)
	}
	all := map[schema.GroupVersionKind]definition{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var crd apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal(data, &crd); err != nil {
			t.Fatal(err)
		}
		for _, v := range crd.Spec.Versions {
			gvk := schema.GroupVersionKind{Group: crd.Spec.Group, Version: v.Name, Kind: crd.Spec.Names.Kind}
			all[gvk] = define(t, v.Schema.OpenAPIV3Schema)
		}
	}
	return all
}

func define(t *testing.T, v1 *apiextensionsv1.JSONSchemaProps) definition {
	t.Helper()
	var internal apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(v1, &internal, nil); err != nil {
		t.Fatal(err)
	}
	validator, _, err := validation.NewSchemaValidator(&internal)
	if err != nil {
		t.Fatal(err)
	}
	structural, err := structuralschema.NewStructural(&internal)
	if err != nil {
		t.Fatal(err)
	}
	return definition{validator, structural}
}
