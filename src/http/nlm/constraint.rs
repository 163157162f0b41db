//! `q`: a constraint on rows, in the query-string form that NLM's tables take.
//!
//! `field:value`, `"several words"`, `*` for any characters, `AND`, `OR`, `NOT`
//! and parentheses; words side by side must all be met. What cannot be read as
//! such is read as words.

/// The longest constraint that is read, in bytes.
const MOST_BYTES: usize = 1000;
/// The deepest nesting of parentheses; deeper ones are read as if they were not there.
const MOST_DEPTH: usize = 16;

/// A constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Constraint {
    /// All of these hold.
    All(Vec<Constraint>),
    /// One of these holds.
    Any(Vec<Constraint>),
    /// This does not hold.
    Not(Box<Constraint>),
    /// A field, or any of the usual ones, has this value; `*` stands for any characters.
    Has {
        /// The field.
        field: Option<String>,
        /// The value, in lower case.
        pattern: String,
    },
}

impl Constraint {
    /// Reads `text`; `None` when it says nothing.
    pub(super) fn read(text: &str) -> Option<Constraint> {
        let mut end = text.len().min(MOST_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let tokens = tokens(text.get(..end).unwrap_or(""));
        let mut reader = Reader {
            tokens: &tokens,
            at: 0,
        };
        let mut all = Vec::new();
        while reader.at < tokens.len() {
            all.extend(reader.any(0));
            // Only a parenthesis that was never opened stops the reader early.
            reader.at += 1;
        }
        joined(all, Constraint::All)
    }

    /// Whether it holds, where `value` gives the value of a field.
    pub(super) fn holds(&self, usual: &[&str], value: &impl Fn(&str) -> Option<String>) -> bool {
        match self {
            Constraint::All(parts) => parts.iter().all(|part| part.holds(usual, value)),
            Constraint::Any(parts) => parts.iter().any(|part| part.holds(usual, value)),
            Constraint::Not(part) => !part.holds(usual, value),
            Constraint::Has { field, pattern } => {
                let has = |field: &str| value(field).is_some_and(|text| has(&text, pattern));
                match field {
                    Some(field) => has(field),
                    None => usual.iter().any(|field| has(field)),
                }
            }
        }
    }
}

fn joined(
    mut parts: Vec<Constraint>,
    join: fn(Vec<Constraint>) -> Constraint,
) -> Option<Constraint> {
    match parts.len() {
        0 => None,
        1 => parts.pop(),
        _ => Some(join(parts)),
    }
}

/// Whether the whole of `text`, a word of it or, for several words, a part of it is `pattern`.
fn has(text: &str, pattern: &str) -> bool {
    let text = text.to_lowercase();
    if pattern.contains(' ') && !pattern.contains('*') {
        return text.contains(pattern);
    }
    matches(&text, pattern)
        || text
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| !word.is_empty() && matches(word, pattern))
}

/// Whether `text` is `pattern`, in which `*` stands for any characters.
fn matches(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or(""),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    Value {
        field: Option<String>,
        pattern: String,
    },
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        match first {
            '(' | ')' => {
                tokens.push(if first == '(' {
                    Token::Open
                } else {
                    Token::Close
                });
                rest = rest.get(1..).unwrap_or("");
            }
            '-' | '!' => {
                tokens.push(Token::Not);
                rest = rest.get(1..).unwrap_or("");
            }
            '+' => rest = rest.get(1..).unwrap_or(""),
            _ => {
                let (token, after) = value(rest);
                tokens.extend(token);
                rest = after;
            }
        }
        rest = rest.trim_start();
    }
    tokens
}

/// Reads a word or a value, with its field; `rest` begins with neither blank nor parenthesis.
fn value(rest: &str) -> (Option<Token>, &str) {
    let (field, rest) = match rest.split_once(':') {
        Some((name, after)) if is_name(name) => (Some(name.to_owned()), after),
        _ => (None, rest),
    };
    let (text, after) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
        None => {
            let end = rest
                .find(|c: char| c.is_whitespace() || c == '(' || c == ')')
                .unwrap_or(rest.len());
            rest.split_at(end)
        }
    };
    let token = match (text, &field) {
        ("AND" | "&&", None) => Some(Token::And),
        ("OR" | "||", None) => Some(Token::Or),
        ("NOT", None) => Some(Token::Not),
        ("", _) => None,
        _ => Some(Token::Value {
            field,
            pattern: text.to_lowercase(),
        }),
    };
    (token, after)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// Alternatives, up to the parenthesis that closes them.
    fn any(&mut self, depth: usize) -> Option<Constraint> {
        let mut parts: Vec<Constraint> = Vec::new();
        loop {
            parts.extend(self.all(depth));
            if self.peek() != Some(&Token::Or) {
                return joined(parts, Constraint::Any);
            }
            self.at += 1;
        }
    }

    /// What must hold together.
    fn all(&mut self, depth: usize) -> Option<Constraint> {
        let mut parts = Vec::new();
        let mut denied = false;
        loop {
            let part = match self.peek() {
                None | Some(Token::Or | Token::Close) => return joined(parts, Constraint::All),
                Some(Token::And) => {
                    self.at += 1;
                    continue;
                }
                Some(Token::Not) => {
                    self.at += 1;
                    denied = !denied;
                    continue;
                }
                Some(Token::Open) if depth < MOST_DEPTH => {
                    self.at += 1;
                    let part = self.any(depth + 1);
                    self.at += usize::from(self.peek() == Some(&Token::Close));
                    part
                }
                Some(Token::Open) => {
                    self.at += 1;
                    continue;
                }
                Some(Token::Value { field, pattern }) => {
                    let part = Constraint::Has {
                        field: field.clone(),
                        pattern: pattern.clone(),
                    };
                    self.at += 1;
                    Some(part)
                }
            };
            let part = match part {
                Some(part) if denied => Some(Constraint::Not(Box::new(part))),
                part => part,
            };
            denied = false;
            parts.extend(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Constraint;
    use proptest::prelude::*;

    #[track_caller]
    fn check(constraint: &str, expected: bool) {
        let value = |field: &str| match field {
            "code" => Some("E11.65".to_owned()),
            "name" => Some("Type 2 diabetes mellitus with hyperglycemia".to_owned()),
            _ => None,
        };
        let holds = Constraint::read(constraint)
            .is_none_or(|constraint| constraint.holds(&["code", "name"], &value));
        assert_eq!(holds, expected, "{constraint}");
    }

    #[test]
    fn a_constraint_is_read_as_nlm_reads_it() {
        check("code:E11*", true);
        check("code:e10*", false);
        check("diabetes", true);
        check("diab", false);
        check("diab*", true);
        check("name:\"diabetes mellitus\"", true);
        check("name:\"mellitus diabetes\"", false);
        check("code:E10* OR code:E11.65", true);
        check("diabetes AND NOT hyperglycemia", false);
        check("diabetes -coma", true);
        check("(code:E10* OR code:E11*) AND (coma OR hyper*)", true);
        check("(code:E10* OR code:E11*) AND (coma OR hypo*)", false);
        check("name:*glyc*", true);
        check("other:x", false);
        check("", true);
        check("() ) (", true);
    }

    proptest! {
        #[test]
        fn any_text_is_a_constraint(text in "[a-z():*\"ANDORT +-]{0,80}|\\PC{0,40}") {
            if let Some(constraint) = Constraint::read(&text) {
                constraint.holds(&["code"], &|_| Some("x y".to_owned()));
            }
        }
    }
}
