package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// envPrefix begins every variable that Load reads.
const envPrefix = "PORTCULLIS_"

// foreign lists the variables with the prefix that are no settings.
var foreign = []string{
	"PORTCULLIS_CACHE",       // where make deps keeps ONNX Runtime
	"PORTCULLIS_CONFIG",      // the file itself
	"PORTCULLIS_SHARED",      // tests: the shared goldens
	"PORTCULLIS_REQUIRE_ORT", // tests: a missing ONNX Runtime fails instead of skipping
}

// fromKubernetes matches what Kubernetes puts into every pod beside a Service that
// is named portcullis: PORTCULLIS_SERVICE_HOST, PORTCULLIS_PORT_50051_TCP_ADDR.
var fromKubernetes = regexp.MustCompile(`^PORTCULLIS_(SERVICE_(HOST|PORT)|PORT)(_|$)`)

// decodeFile reads one YAML document into cfg. Keys that are not there keep
// their value, keys that nobody knows are refused with their line.
func decodeFile(name string, data []byte, cfg *Config) error {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(cfg); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: holds more than one document", name)
	}
	return nil
}

// applyEnv sets the keys that variables of environ ("NAME=value") name:
// PORTCULLIS_SERVER_LISTEN is server.listen. Variables that belong to other
// parts of the program are passed over, any other one with the prefix that
// names no key is a mistake, and an error.
func applyEnv(environ []string, cfg *Config) error {
	keys := map[string]string{}
	for _, k := range Keys() {
		keys[envName(k)] = k
	}
	for _, entry := range environ {
		variable, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(variable, envPrefix) || slices.Contains(foreign, variable) || fromKubernetes.MatchString(variable) {
			continue
		}
		key, ok := keys[variable]
		if !ok {
			return fmt.Errorf("environment: %s names no setting; portcullis config lists them", variable)
		}
		if err := Set(cfg, key, value); err != nil {
			return fmt.Errorf("environment: %s: %w", variable, err)
		}
	}
	return nil
}

func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// Keys returns the dotted names of all settings, in the order of the structs.
func Keys() []string {
	var keys []string
	walk(reflect.ValueOf(&Config{}).Elem(), "", func(key string, _ reflect.Value) { keys = append(keys, key) })
	return keys
}

// Set gives a setting the value that text spells: lists are separated by commas.
func Set(cfg *Config, key, text string) error {
	err := fmt.Errorf("%q is no setting", key)
	walk(reflect.ValueOf(cfg).Elem(), "", func(k string, v reflect.Value) {
		if k == key {
			err = setValue(v, text)
		}
	})
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// walk visits every setting below v: a struct is a section, all else a value.
func walk(v reflect.Value, prefix string, visit func(key string, v reflect.Value)) {
	for i := range v.NumField() {
		tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if tag == "" || tag == "-" {
			continue
		}
		if f := v.Field(i); f.Kind() == reflect.Struct {
			walk(f, prefix+tag+".", visit)
		} else {
			visit(prefix+tag, f)
		}
	}
}

func setValue(v reflect.Value, text string) error {
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is no duration such as 10s or 250ms", text)
		}
		v.SetInt(int64(d))
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int64, reflect.Int32:
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("%q is no whole number", text)
		}
		v.SetInt(n)
	case reflect.Slice:
		return setList(v, text)
	default:
		return fmt.Errorf("can only be set in the file")
	}
	return nil
}

func setList(v reflect.Value, text string) error {
	list := reflect.MakeSlice(v.Type(), 0, 0)
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		item := reflect.New(v.Type().Elem()).Elem()
		if err := setValue(item, part); err != nil {
			return err
		}
		list = reflect.Append(list, item)
	}
	v.Set(list)
	return nil
}
