//! A function's name as the report of a trap shows it: demangled, without hashes, and without the types that a generic
//! one was compiled for.

use rustc_demangle::try_demangle;

/// A function's name, short. Other names than Rust's stay as they are.
pub(crate) fn short(name: &str) -> String {
    match try_demangle(name) {
        Ok(name) => path(&format!("{name:#}")),
        Err(_) => name.into(),
    }
}

/// A path or a type without its generic arguments: `a::b::<C>` is `a::b`, `<a::B as c::D<E>>::f` is `<a::B as D>::f`,
/// `a::_::<impl c::D for a::B>::f` likewise, and `<a::B<C>>::f` is `a::B::f`.
fn path(text: &str) -> String {
    let mut short = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        short.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = close(rest);
        let inside = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        if let Some(implementation) = inside.strip_prefix("impl ") {
            // The path before it only says in which module.
            short.clear();
            match split(implementation, " for ") {
                Some((of, whose)) => short.push_str(&implementor(whose, of)),
                None => short.push_str(&path(implementation)),
            }
        } else if short.ends_with(|last: char| last == '_' || last == ':' || last == '}' || last.is_alphanumeric()) {
            let before = short.trim_end_matches("::").len();
            short.truncate(before);
        } else {
            match split(inside, " as ") {
                Some((whose, of)) => short.push_str(&implementor(whose, of)),
                None => short.push_str(&path(inside)),
            }
        }
    }
    short.push_str(rest);
    short
}

fn implementor(whose: &str, of: &str) -> String {
    let of = path(of);
    let of = of.rsplit("::").next().unwrap_or_default();
    format!("<{} as {of}>", path(whose))
}

/// Where the bracket closes that was opened before the text.
fn close(text: &str) -> usize {
    let mut depth = 0;
    let mut last = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '<' => depth += 1,
            // Not the arrow of a function's type.
            '>' if last != '-' && depth == 0 => return at,
            '>' if last != '-' => depth -= 1,
            _ => {}
        }
        last = c;
    }
    text.len()
}

/// Splits at a word that is in no brackets.
fn split<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let mut from = 0;
    while let Some(at) = text[from..].find(word) {
        let at = from + at;
        if text[..at].matches('<').count() == text[..at].replace("->", "").matches('>').count() {
            return Some((&text[..at], &text[at + word.len()..]));
        }
        from = at + word.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generic_arguments_are_left_out() {
        let check = |long: &str, expect: &str| assert_eq!(path(long), expect);
        check("trap::divide", "trap::divide");
        check("a::b::<C>", "a::b");
        check("a::B<C>::d::<E>::{closure#0}", "a::B::d::{closure#0}");
        check("<a::B<C> as d::e::F<G>>::h", "<a::B as F>::h");
        check("<a::B<C as D>>::f", "a::B::f");
        check("<<a::B as c::D>::d::E as f::G>::h", "<<a::B as D>::d::E as G>::h");
        check("a::_::<impl c::D<X> for a::B>::f", "<a::B as D>::f");
        check("a::c::<impl a::B<T>>::f", "a::B::f");
        check("<&mut a::B as c::D>::f", "<&mut a::B as D>::f");
        check("<fn(a::B) -> c::D as e::F>::g", "<fn(a::B) -> c::D as F>::g");
        check("<[a::B<C>] as d::E>::f", "<[a::B] as E>::f");
        check("<dyn a::B<C> as d::E>::f", "<dyn a::B as E>::f");
    }

    #[test]
    fn what_is_no_path_passes() {
        for text in ["", "<", ">", "<<", "a<b", "<impl ", "<a as ", "é<ü as ñ>", "->"] {
            // It has only to end, and not to fail.
            assert!(path(text).len() <= text.len() + 4, "{text}");
        }
    }
}
