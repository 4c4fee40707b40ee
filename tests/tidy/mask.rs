//! Splits Rust source into code, comments and text in quotes, so that a rule about code is not set off by prose.

/// Three copies of one text, equal in length and lines; what belongs to another part is a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    /// Only code.
    pub code: String,
    /// Only comments.
    pub comments: String,
    /// Only what stands in quotes.
    pub quoted: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Code,
    Comment,
    Quoted,
}

/// Splits a text.
pub fn mask(text: &str) -> Masked {
    let chars: Vec<char> = text.chars().collect();
    let mut parts = vec![Part::Code; chars.len()];
    let mut at = 0;
    while at < chars.len() {
        let (part, end) = token(&chars, at);
        parts[at..end].fill(part);
        at = end;
    }
    let only = |wanted: Part| -> String {
        let pick = |(&ch, &part): (&char, &Part)| if ch == '\n' || part == wanted { ch } else { ' ' };
        chars.iter().zip(&parts).map(pick).collect()
    };
    Masked { code: only(Part::Code), comments: only(Part::Comment), quoted: only(Part::Quoted) }
}

/// What starts at `at`, and where it ends.
fn token(chars: &[char], at: usize) -> (Part, usize) {
    let next = chars.get(at + 1).copied();
    match chars[at] {
        '/' if next == Some('/') => (Part::Comment, find(chars, at, |ch| ch == '\n')),
        '/' if next == Some('*') => (Part::Comment, block_comment_end(chars, at)),
        '"' => (Part::Quoted, string_end(chars, at)),
        'r' if !continues_word(chars, at) => match raw_string_end(chars, at) {
            Some(end) => (Part::Quoted, end),
            None => (Part::Code, at + 1),
        },
        '\'' => char_end(chars, at).map_or((Part::Code, at + 1), |end| (Part::Quoted, end)),
        _ => (Part::Code, at + 1),
    }
}

fn find(chars: &[char], from: usize, wanted: impl Fn(char) -> bool) -> usize {
    chars[from..].iter().position(|&ch| wanted(ch)).map_or(chars.len(), |offset| from + offset)
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let (mut depth, mut here) = (0_usize, at);
    while here < chars.len() {
        match (chars[here], chars.get(here + 1)) {
            ('/', Some('*')) => (depth, here) = (depth + 1, here + 2),
            ('*', Some('/')) if depth == 1 => return here + 2,
            ('*', Some('/')) => (depth, here) = (depth - 1, here + 2),
            _ => here += 1,
        }
    }
    chars.len()
}

fn string_end(chars: &[char], at: usize) -> usize {
    let mut here = at + 1;
    while here < chars.len() {
        match chars[here] {
            '\\' => here += 2,
            '"' => return here + 1,
            _ => here += 1,
        }
    }
    chars.len()
}

/// `br"…"` and the like: the letter before belongs to a word only if it is no string prefix.
fn continues_word(chars: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).map(|index| chars[index]);
    let two_before = at.checked_sub(2).map(|index| chars[index]);
    let is_word = |ch: Option<char>| ch.is_some_and(|ch| ch.is_alphanumeric() || ch == '_');
    let is_prefix = matches!(before, Some('b' | 'c')) && !is_word(two_before);
    is_word(before) && !is_prefix
}

fn raw_string_end(chars: &[char], at: usize) -> Option<usize> {
    let quote = find(chars, at + 1, |ch| ch != '#');
    let hashes = quote - at - 1;
    if chars.get(quote) != Some(&'"') {
        return None;
    }
    let closes = |index: usize| {
        chars[index] == '"' && chars[index + 1..].iter().take(hashes).filter(|&&ch| ch == '#').count() == hashes
    };
    let end = (quote + 1..chars.len()).find(|&index| closes(index));
    Some(end.map_or(chars.len(), |index| index + 1 + hashes))
}

/// `'x'` and `'\n'` are characters, `'a` is a lifetime.
fn char_end(chars: &[char], at: usize) -> Option<usize> {
    if chars.get(at + 1) == Some(&'\\') {
        return Some((find(chars, at + 3, |ch| ch == '\'') + 1).min(chars.len()));
    }
    (chars.get(at + 2) == Some(&'\'')).then_some(at + 3)
}

/// Code with every item below `#[cfg(test)]` blanked.
pub fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = code.to_owned();
    while let Some(start) = out.find(MARK) {
        let rest = &out[start..];
        let open = rest.find('{').unwrap_or(rest.len());
        let end = match rest.find(';') {
            Some(semicolon) if semicolon < open => start + semicolon + 1,
            _ => start + matching_brace(rest, open),
        };
        let blank: String = out[start..end].chars().map(|ch| if ch == '\n' { '\n' } else { ' ' }).collect();
        out.replace_range(start..end, &blank);
    }
    out
}

fn matching_brace(text: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (index, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return index + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Lines (counted from 1) in which a word stands; a word that starts or ends with a letter must not go on.
pub fn lines_with(text: &str, word: &str) -> Vec<usize> {
    let is_word = |ch: Option<char>| ch.is_some_and(|ch| ch.is_alphanumeric() || ch == '_');
    let stands = |line: &str| {
        line.match_indices(word).any(|(index, _)| {
            let before = line[..index].chars().next_back();
            let after = line[index + word.len()..].chars().next();
            let goes_on_before = is_word(word.chars().next()) && is_word(before);
            let goes_on_after = is_word(word.chars().next_back()) && is_word(after);
            !goes_on_before && !goes_on_after
        })
    };
    text.lines().enumerate().filter(|(_, line)| stands(line)).map(|(index, _)| index + 1).collect()
}

#[test]
fn code_comments_and_quotes_are_told_apart() {
    let masked =
        mask("let a = \"tokio // \\\" x\"; // rand\n/* b /* c */ d */ let c = 'x'; fn f<'a>() { r#\"y\"z\"# }");
    assert!(masked.quoted.contains("tokio // \\\" x") && masked.quoted.contains("y\"z"), "{masked:?}");
    assert!(masked.comments.contains("// rand") && masked.comments.contains("c */ d"), "{masked:?}");
    assert!(masked.code.contains("let c =") && masked.code.contains("fn f<'a>()"), "{masked:?}");
    for word in ["tokio", "rand", "'x'", "y\"z"] {
        assert!(!masked.code.contains(word), "{word} in {masked:?}");
    }
}

#[test]
fn items_for_tests_are_blanked_and_lines_stay() {
    let code = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { c(); }\n}\n#[cfg(test)]\nmod more;\nfn d() {}\n";
    let left = without_tests(code);
    assert!(!left.contains("fn b") && !left.contains("more") && left.contains("fn d"), "{left}");
    assert_eq!(left.lines().count(), code.lines().count());
}

#[test]
fn a_word_is_found_only_whole() {
    assert_eq!(lines_with("use rand::x;\nlet operand = brand;", "rand"), [1]);
    assert_eq!(lines_with("a\nClock::now()", "::now("), [2]);
}
