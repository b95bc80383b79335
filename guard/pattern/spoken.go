package pattern

import (
	"regexp"
	"strings"
)

// beside is how far around a match these judges look, in bytes of the view.
const beside = 64

// forged lets the control token of a chat template stand that is not merely spoken
// of: with words about formats beside it, and no order behind it.
func forged(text string, m match) (match, int, bool) {
	behind := text[m.end:min(len(text), m.end+beside)]
	spoken := (hasAny(text[max(0, m.start-beside):m.start], ofFormats) || hasAny(behind, ofFormats)) && !ordersIn(behind)
	return m, m.end, !spoken
}

var (
	ofFormats = []string{" token", " tag", " template", " format", " delimiter", " marker", " syntax", "chatml", " mean", " stands for", " wrap", " placeholder"}
	ofOrders  = []string{"you are", "you must", "you will", "you should", "you have"}
	orders    = []string{"ignore", "disregard", "forget", "override", "reveal", "obey", "new ", "now ", "system", "user", "assistant", "developer"}
)

func hasAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// ordersIn reports whether s begins with an order or with the name of a role, or
// soon says what the reader is or must.
func ordersIn(s string) bool {
	if hasAny(s[:min(len(s), 40)], ofOrders) {
		return true
	}
	first := strings.TrimLeft(s, " :.,;-\"'`*>]|\\n")
	for _, w := range orders {
		if strings.HasPrefix(first, w) {
			return true
		}
	}
	return false
}

// untilManual lets an order stand unless it is about what a manual says, or about
// the thing that it is the manual of.
func untilManual(text string, m match) (match, int, bool) {
	return m, m.end, !ofManual.MatchString(text[m.end:min(len(text), m.end+beside)])
}

var ofManual = regexp.MustCompile(`^[^.!?]{0,24}\b(?:du|de ce|de la|de cette|dans le|dans ce|dans la|dans cette) (?:manuel|notice|mode d'emploi|guide|brochure|documentation|recette|fiche)\b|` +
	`^,? (?:si|lorsque|quand) (?:votre|l'|le|la|cet|cette) ?(?:appareil|machine|modele|imprimante|four|vehicule|produit|installation|chaudiere)\b|` +
	`^,? et (?:passez|allez|continuez|reprenez) (?:directement )?(?:a|avec|par) (?:l'etape|la page|la section|la partie)\b`)
