// Writes golden.jsonl.gz: texts and how many tokens the reference makes of them.
//
//   npm install --prefix /tmp/tiktoken tiktoken@1.0.22
//   node golden.mjs /tmp/tiktoken > golden.jsonl.gz
//
// The seed is fixed, so a second run writes the same texts.
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";

const require = createRequire(process.argv[2] + "/");
const { get_encoding } = require("tiktoken");
const reference = get_encoding("cl100k_base");

let seed = 20261121;
function random() { // mulberry32
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];
const repeat = (n, make) => Array.from({ length: n }, make);
const chars = (n, from, to) => repeat(n, () => scalar(from, to)).join("");
function scalar(from, to) { // no surrogates: they are no text
  const c = from + below(to - from + 1);
  return c >= 0xd800 && c <= 0xdfff ? "\ufffd" : String.fromCodePoint(c);
}

const sentences = [
  "The quick brown fox jumps over the lazy dog.", "It's what they'll say, isn't it? I'VE HAD ENOUGH, YOU'RE LATE.",
  "Größe, Straße und Übermut tun selten gut.", "L'été dernier, j'ai vu un œuvre à Genève.", "¿Qué pasó con el señor Núñez?",
  "Съешь же ещё этих мягких французских булок.", "Η γρήγορη αλεπού πηδάει πάνω από το τεμπέλικο σκυλί.",
  "今天天气怎么样?我想去北京。", "吾輩は猫である。名前はまだ無い。カタカナも。", "나는 오늘 학교에 갔다가 집에 왔다.",
  "مرحبا بالعالم، كيف حالك اليوم؟", "שלום עולם, מה שלומך היום?", "नमस्ते दुनिया, आप कैसे हैं?", "สวัสดีชาวโลก สบายดีไหม",
  "Xin chào thế giới, bạn khỏe không?", "გამარჯობა მსოფლიო", "Բարեւ աշխարհ", "ሰላም ዓለም", "வணக்கம் உலகம்", "ഹലോ വേൾഡ്",
  "func (c *Counter) Count(text string) int {\n\treturn 0\n}\n", "SELECT * FROM users WHERE id = 1; -- drop\r\n",
  "<div class=\"a b\">\n    <p>Hi&nbsp;there</p>\n</div>", "def f(x):\n    return x ** 2  # square\n\n\n", "{\"a\": [1, 2.50, -3e10], \"b\": null}",
  "https://example.com/a/b?c=d&e=%20f#g", "user.name+tag@example.co.uk", "2026-11-21T23:48:00.123456789Z", "3.14159265358979",
  "<|endoftext|>", "<|fim_prefix|><|fim_middle|>", "<|endofprompt|>", "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪", "e\u0301a\u0308 n\u0303", "ﷺ ﬁ ﬀ", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟘𝟙𝟚",
];
const spaces = [" ", "  ", "\t", "\n", "\r", "\r\n", "\v", "\f", "\u0085", "\u00a0", "\u1680", "\u2003", "\u2028", "\u2029", "\u202f", "\u205f",
  "\u3000", "\u001c", "\u001f", "\u180e", "\u200b", "\u200d", "\u2060", "\ufeff"];
const contractions = ["'s", "'S", "'ſ", "'t", "'re", "'RE", "'rE", "'ve", "'m", "'LL", "'lL", "'d", "'x", "'", "''", "’s", "'ſt", "'\u212a", "'r", "'v", "'l"];
const numerals = ["0", "7", "12", "123", "1234", "½", "²", "Ⅷ", "٣", "४", "๕", "〇", "一", "𝟛", "①", "༳", "৴", "\u{10d41}", "\u{1ccf3}"];
const letters = ["a", "B", "the", " the", "ſ", "ß", "é", "я", "ا", "ก", "中", "あ", "한", "ʰ", "ª", "ᾳ", "ǅ", "\u{105c1}", "\u{2ebf1}", "\u{13461}"];
const marks = [".", "!", "...", "-", "--", "=", "/", "//", "#", "$", "€", "°", "…", "—", "©", "\u0301", "\u20e3", "\ufe0f", "😀", "\u{1f1e9}", "\0", "\x7f", "\u{e0041}", "\u{10ffff}"];
const mixed = [spaces, contractions, numerals, letters, marks];
const scripts = [[0x20, 0x7e], [0xa0, 0x24f], [0x250, 0x36f], [0x370, 0x3ff], [0x400, 0x52f], [0x530, 0x5ff], [0x600, 0x6ff], [0x700, 0x8ff],
  [0x900, 0xdff], [0xe00, 0xfff], [0x1000, 0x137f], [0x1380, 0x17ff], [0x1800, 0x1cff], [0x1d00, 0x1fff], [0x2000, 0x206f], [0x2070, 0x2bff],
  [0x2c00, 0x2fff], [0x3000, 0x30ff], [0x3100, 0x33ff], [0x3400, 0x9fff], [0xa000, 0xabff], [0xac00, 0xd7ff], [0xe000, 0xf8ff], [0xf900, 0xffff],
  [0x10000, 0x10fff], [0x11000, 0x12fff], [0x13000, 0x18fff], [0x1b000, 0x1cfff], [0x1d000, 0x1efff], [0x1f000, 0x1ffff], [0x20000, 0x32fff],
  [0xe0000, 0xe01ff], [0, 0x10ffff]];

const kinds = [
  () => repeat(1 + below(4), () => pick(sentences)).join(pick(spaces)),
  () => repeat(1 + below(24), () => pick(pick(mixed))).join(""),
  () => repeat(1 + below(12), () => pick(spaces)).join("") + pick(pick(mixed)) + repeat(below(6), () => pick(spaces)).join(""),
  () => repeat(1 + below(8), () => pick(letters) + pick(contractions)).join(pick(["", " ", "\n"])),
  () => chars(1 + below(40), ...pick(scripts)),
  () => repeat(1 + below(6), () => chars(1 + below(8), ...pick(scripts))).join(pick(spaces)),
  () => pick(pick(mixed)).repeat(1 + below(pick([4, 40, 400]))) + pick(pick(mixed)),
  () => pick(sentences).replace(/./gu, (c) => (below(9) ? c : pick(pick(mixed)))),
  () => repeat(below(120), () => pick("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789+/")).join(""),
];
const texts = ["", ...sentences, ...spaces, ...contractions, ...numerals, ...letters, ...marks, ...repeat(2400, (_, i) => kinds[i % kinds.length]())];
for (const long of ["a", " ", "\n", "\t", "=", "ab", "😀", "的", "ا", "0", "\r\n", " \n", "\u0301", "Aa1 "]) {
  for (const n of [47, 48, 49, 129, 1000, 5000]) texts.push(long.repeat(n), "x" + long.repeat(n) + "y");
}
for (const n of [49, 200, 1000, 3000]) {
  texts.push(chars(n, 0x61, 0x7a), chars(n, 0x41, 0x5a), chars(n, 0x4e00, 0x4e7f), chars(n, 0x21, 0x2f), chars(n, 0x1f600, 0x1f64f));
}
const lines = texts.map((text) => JSON.stringify({ text, count: reference.encode_ordinary(text).length }) + "\n");
process.stdout.write(gzipSync(lines.join(""), { level: 9 }));
