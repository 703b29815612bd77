package policy

import (
	"strings"
	"unicode"
)

// skeletons finds names that look alike. It is made once for a policy.
type skeletons struct {
	latin map[rune]rune // made for the first character that is not ASCII
}

// of is equal for names that look alike: letters of other alphabets and variants of
// letters become the Latin letter, and the signs that are confused in Latin itself
// become one. It is compared and never shown.
func (s *skeletons) of(name string) string {
	var b strings.Builder
	for _, r := range name {
		if latin := s.latinOf(r); latin != 0 {
			r = latin
		}
		b.WriteString(confused(r))
	}
	return b.String()
}

// confused replaces what is confused in Latin: I, l and 1; O and 0; rn and m; vv and w.
func confused(r rune) string {
	switch r {
	case 'I', 'l', '1', '|':
		return "l"
	case 'O', 'o', '0':
		return "o"
	case 'm', 'M':
		return "rn"
	case 'w', 'W':
		return "vv"
	default:
		return string(unicode.ToLower(r))
	}
}

// latinOf is the Latin letter that a letter of another alphabet, or a variant of a
// letter, looks like; 0 for none. The pairs are from Unicode's confusables.txt, as
// far as they are letters and digits that a name may have.
func (s *skeletons) latinOf(r rune) rune {
	switch {
	case r < 0x80:
		return 0
	case r >= 0xFF01 && r <= 0xFF5E: // full-width
		return r - 0xFF01 + '!'
	case r >= 0x1D400 && r <= 0x1D6A3: // mathematical alphabets
		i := (r - 0x1D400) % 52
		if i < 26 {
			return 'A' + i
		}
		return 'a' + i - 26
	case r >= 0x1D7CE && r <= 0x1D7FF: // mathematical digits
		return '0' + (r-0x1D7CE)%10
	}
	if s.latin == nil {
		s.latin = map[rune]rune{}
		for latin, others := range lookAlikes() {
			for _, other := range others {
				s.latin[other] = latin
			}
		}
	}
	return s.latin[r]
}

// lookAlikes lists the letters of Cyrillic, Greek, Armenian, Cherokee, Coptic, Lisu and
// the rest of Latin that look like a Latin letter, and those of Chinese and Japanese
// that look like each other.
func lookAlikes() map[rune]string {
	return map[rune]string{
		'a': "аɑαａ⍺ᴀ", 'A': "АΑᎪᗅꓮ", 'b': "ЬƄᏏᖯɓ", 'B': "ВΒᏴꓐʙв", 'c': "сϲᴄⲥꮯ", 'C': "СϹᏟꓚⲤ",
		'd': "ԁɗᏧᑯⅾ", 'D': "ᎠᗞꓓⅮ", 'e': "еҽєɛꬲ℮", 'E': "ЕΕᎬꓰⴹ", 'f': "ꬵƒſẝꞙ", 'F': "ϜᖴꓝꞘ",
		'g': "ɡᶃƍց", 'G': "ԌᏀᏳꓖ", 'h': "һհᏂ", 'H': "НΗᎻᕼꓧⲎнʜ", 'i': "іɩιıӏꙇᎥɪ", 'I': "ІΙӀⅠꓲⲒ",
		'j': "јϳʝ", 'J': "ЈͿᎫᒍꓙ", 'k': "кκᴋⲕқ", 'K': "КΚᏦꓗⲔҚ", 'l': "ⅼǀ", 'L': "ᏞᒪꓡⅬʟ",
		'm': "мⅿᴍ", 'M': "МΜϺᎷᗰꓟⲘ", 'n': "ռпηƞո", 'N': "ΝꓠⲚɴ", 'o': "оοσօᴏⲟഠ໐๐", 'O': "ОΟՕꓳⲞ〇Ѳ",
		'p': "рρϱⲣ", 'P': "РΡᏢᑭꓑⲢ", 'q': "ԛգզ", 'Q': "ⵕԚ", 'r': "гᴦⲅꭇ", 'R': "ᎡᏒᖇꓣʀ",
		's': "ѕꜱꮪ", 'S': "ЅՏᏕᏚꓢ", 't': "тτᴛ", 'T': "ТΤᎢꓔⲦ", 'u': "υսᴜꭎц", 'U': "Սᑌꓴ", 'v': "νѵᴠⅴ", 'V': "ѴᏙᐯꓦ",
		'w': "ԝաѡᴡɯω", 'W': "ᎳᏔꓪԜ", 'x': "хχⅹ", 'X': "ХΧᚷꓫⲬ", 'y': "уүγʏỿ", 'Y': "УҮΥϒᎩꓬⲨ", 'z': "ᴢꮓ", 'Z': "ΖᏃꓜ",
		'0': "٠۰०੦૦௦౦೦൦", '1': "١۱", '3': "ЗӠʒȜᏍ", '4': "Ꮞ", '6': "бᏮ", '8': "৪",
		'口': "ロ囗", '力': "カ", '工': "エ", '二': "ニ", '八': "ハ", '夕': "タ", '卜': "ト", '一': "ーㅡ", 'へ': "ヘ", '日': "曰", 'り': "リ",
	}
}
