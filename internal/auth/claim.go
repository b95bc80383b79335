package auth

import "strings"

// valuesOf returns the values of a claim: a string, or a list of them. The name may be
// that of the claim, dots and all, or lead through objects by its dots. The words of
// scope and scp, which are one string, are a value each.
func valuesOf(all map[string]any, name string) []string {
	switch v := claimOf(all, name).(type) {
	case string:
		if name == "scope" || name == "scp" {
			return strings.Fields(v)
		}
		return []string{v}
	case []any:
		var values []string
		for _, item := range v {
			if s, ok := item.(string); ok {
				values = append(values, s)
			}
		}
		return values
	}
	return nil
}

func claimOf(all map[string]any, name string) any {
	if v, ok := all[name]; ok {
		return v
	}
	first, rest, ok := strings.Cut(name, ".")
	inner, isObject := all[first].(map[string]any)
	if !ok || !isObject {
		return nil
	}
	return claimOf(inner, rest)
}
