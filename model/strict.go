package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// decodeStrict fills v, a pointer to a struct, from JSON and refuses what
// encoding/json lets pass: unknown, missing, repeated and differently cased
// keys, null, optional words that are empty, and anything after the value. Errors begin with the path of the
// key, such as "labels[2].category". Keys tagged omitempty may be missing.
func decodeStrict(data []byte, v any) error {
	if !utf8.Valid(data) {
		return fmt.Errorf("not valid UTF-8")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return fmt.Errorf("not valid JSON: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	return walker{dec}.value("", reflect.ValueOf(v).Elem())
}

// walker reads tokens along the shape of a Go type. It never goes deeper than
// the type does, whatever the input.
type walker struct{ dec *json.Decoder }

func (w walker) value(path string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return w.value(path, v.Elem())
	case reflect.Struct:
		return w.object(path, v)
	case reflect.Slice:
		return w.array(path, v)
	case reflect.Map:
		return w.dict(path, v)
	default:
		return w.scalar(path, v)
	}
}

func (w walker) object(path string, v reflect.Value) error {
	fields, seen := fieldsOf(v.Type()), map[string]bool{}
	err := w.keys(path, func(key, at string) error {
		i, ok := fields[key]
		if !ok {
			return fmt.Errorf("%s: unknown key", at)
		}
		seen[key] = true
		if err := w.value(at, v.Field(i)); err != nil {
			return err
		}
		return refuseBlank(at, v.Type().Field(i), v.Field(i))
	})
	if err != nil {
		return err
	}
	for i := range v.NumField() {
		key, optional := tagOf(v.Type().Field(i))
		if !optional && !seen[key] {
			return fmt.Errorf("%s: missing", join(path, key))
		}
	}
	return nil
}

// refuseBlank keeps absence the one way to leave an optional word out: "" could
// not be told from it afterwards.
func refuseBlank(path string, f reflect.StructField, v reflect.Value) error {
	if _, optional := tagOf(f); optional && v.Kind() == reflect.String && v.Len() == 0 {
		return fmt.Errorf("%s: is empty: leave it out or give a value", path)
	}
	return nil
}

func (w walker) dict(path string, v reflect.Value) error {
	v.Set(reflect.MakeMap(v.Type()))
	return w.keys(path, func(key, at string) error {
		elem := reflect.New(v.Type().Elem()).Elem()
		if err := w.value(at, elem); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(key), elem)
		return nil
	})
}

// keys calls each for every key of the object that comes next.
func (w walker) keys(path string, each func(key, at string) error) error {
	if err := w.open(path, '{', "an object"); err != nil {
		return err
	}
	seen := map[string]bool{}
	for w.dec.More() {
		tok, err := w.dec.Token()
		if err != nil {
			return err
		}
		key, at := tok.(string), join(path, tok.(string))
		if seen[key] {
			return fmt.Errorf("%s: given twice", at)
		}
		seen[key] = true
		if err := each(key, at); err != nil {
			return err
		}
	}
	return w.close()
}

func (w walker) array(path string, v reflect.Value) error {
	if err := w.open(path, '[', "a list"); err != nil {
		return err
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0)) // an empty list is not an absent one
	for i := 0; w.dec.More(); i++ {
		elem := reflect.New(v.Type().Elem()).Elem()
		if err := w.value(fmt.Sprintf("%s[%d]", path, i), elem); err != nil {
			return err
		}
		v.Set(reflect.Append(v, elem))
	}
	return w.close()
}

func (w walker) open(path string, delim json.Delim, want string) error {
	tok, err := w.dec.Token()
	if err != nil {
		return err
	}
	if tok != delim {
		return mismatch(path, want, tok)
	}
	return nil
}

func (w walker) close() error {
	_, err := w.dec.Token()
	return err
}

func (w walker) scalar(path string, v reflect.Value) error {
	tok, err := w.dec.Token()
	if err != nil {
		return err
	}
	switch v.Kind() {
	case reflect.String:
		if s, ok := tok.(string); ok {
			v.SetString(s)
			return nil
		}
		return mismatch(path, "a string", tok)
	case reflect.Bool:
		if b, ok := tok.(bool); ok {
			v.SetBool(b)
			return nil
		}
		return mismatch(path, "true or false", tok)
	default:
		return number(path, v, tok)
	}
}

func number(path string, v reflect.Value, tok json.Token) error {
	n, ok := tok.(json.Number)
	if !ok {
		return mismatch(path, "a number", tok)
	}
	if v.CanFloat() {
		f, err := n.Float64()
		if err != nil {
			return fmt.Errorf("%s: %s is no number that fits", path, n)
		}
		v.SetFloat(f)
		return nil
	}
	i, err := strconv.ParseInt(n.String(), 10, v.Type().Bits())
	if err != nil {
		return fmt.Errorf("%s: want a whole number that fits, found %s", path, n)
	}
	v.SetInt(i)
	return nil
}

func mismatch(path, want string, tok json.Token) error {
	found := fmt.Sprint(tok)
	switch t := tok.(type) {
	case nil:
		found = "null"
	case string:
		found = strconv.Quote(t)
	case json.Delim:
		found = map[json.Delim]string{'{': "an object", '[': "a list"}[t]
	}
	if path == "" {
		path = "the manifest"
	}
	return fmt.Errorf("%s: want %s, found %s", path, want, found)
}

// fieldsOf maps each key of a struct to the index of its field.
func fieldsOf(t reflect.Type) map[string]int {
	fields := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		key, _ := tagOf(t.Field(i))
		fields[key] = i
	}
	return fields
}

func tagOf(f reflect.StructField) (key string, optional bool) {
	key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	return key, options == "omitempty"
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
