package pattern

import "regexp"

// What stands around a match, as far as these judges look, in bytes of the view.
const around64 = 64

// forged lets the control token of a chat template stand that is not merely spoken
// of: words about formats and tokens beside it, and no order behind it.
func forged(text string, m match) (match, int, bool) {
	before, behind := text[max(0, m.start-around64):m.start], text[m.end:min(len(text), m.end+around64)]
	spoken := (ofFormats.MatchString(before) || ofFormats.MatchString(behind)) && !goesOn.MatchString(behind)
	return m, m.end, !spoken
}

var (
	ofFormats = regexp.MustCompile(`\b(?:tokens?|tags?|templates?|formats?|tokeni[sz]ers?|delimiters?|markers?|syntax|chatml|means?|stands? for|wraps?|wrapped|placeholders?)\b`)
	goesOn    = regexp.MustCompile(`^(?:system|user|assistant|developer)?[ :]*(?:\W{0,3}(?:ignore|disregard|forget|override|reveal|obey|new|now)\b|.{0,32}\byou (?:are|must|will|should|have)\b)|` +
		`^(?:system|user|assistant|developer)\b`)
)

// untilManual lets an order stand unless it is about what a manual says, or about
// something that it is the manual of.
func untilManual(text string, m match) (match, int, bool) {
	return m, m.end, !ofManual.MatchString(text[m.end:min(len(text), m.end+around64)])
}

var ofManual = regexp.MustCompile(`^[^.!?]{0,24}\b(?:du|de ce|de la|de cette|dans le|dans ce|dans la|dans cette) (?:manuel|notice|mode d'emploi|guide|brochure|documentation|recette|fiche)\b|` +
	`^,? (?:si|lorsque|quand) (?:votre|l'|le|la|cet|cette) ?(?:appareil|machine|modele|imprimante|four|vehicule|produit|installation|chaudiere)\b|` +
	`^,? et (?:passez|allez|continuez|reprenez) (?:directement )?(?:a|avec|par) (?:l'etape|la page|la section|la partie)\b`)
