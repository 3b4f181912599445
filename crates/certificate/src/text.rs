//! Patterns as runs of symbols.

/// A symbol of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Symbol {
    /// One character, itself.
    Plain(char),
    /// `?`.
    One,
    /// `*`.
    Many,
    /// `${…}` as it is written: a variable or an escaped character. Nothing is known of what it stands for.
    Braced(String),
}

/// Takes a pattern apart. Two `*` in a row are one.
pub(crate) fn symbols(text: &str) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let braced = rest
            .strip_prefix("${")
            .and_then(|inside| inside.split_once('}'));
        let (symbol, after) = match (first, braced) {
            ('$', Some((inside, after))) => (Symbol::Braced(inside.to_owned()), after),
            _ => {
                let mut characters = rest.chars();
                characters.next();
                let symbol = match first {
                    '*' => Symbol::Many,
                    '?' => Symbol::One,
                    plain => Symbol::Plain(plain),
                };
                (symbol, characters.as_str())
            }
        };
        if symbol != Symbol::Many || symbols.last() != Some(&Symbol::Many) {
            symbols.push(symbol);
        }
        rest = after;
    }
    symbols
}

/// The six fields of an ARN pattern; none for what has fewer. Colons within `${…}` separate nothing.
pub(crate) fn fields(symbols: &[Symbol]) -> Option<[&[Symbol]; 6]> {
    let mut fields = symbols.splitn(6, |symbol| *symbol == Symbol::Plain(':'));
    let mut next = || fields.next();
    Some([next()?, next()?, next()?, next()?, next()?, next()?])
}
