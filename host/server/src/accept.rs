//! Which representation a client wants, by its `Accept` header (RFC 9110, section 12.5.1).

use crate::problem::Problem;
use axum::http::{HeaderMap, StatusCode, header};

/// What a topic can be given as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `text/event-stream`: server-sent events.
    Events,
    /// `application/x-ndjson`: one JSON object a line.
    Lines,
    /// `application/json`: the last value.
    Value,
}

impl Form {
    /// What a stream of many topics can be given as, the default first.
    pub(crate) const STREAM: [Self; 2] = [Self::Events, Self::Lines];
    /// What one topic can be given as, the default first.
    pub(crate) const TOPIC: [Self; 3] = [Self::Events, Self::Lines, Self::Value];

    pub(crate) fn media(self) -> &'static str {
        match self {
            Self::Events => "text/event-stream",
            Self::Lines => "application/x-ndjson",
            Self::Value => "application/json",
        }
    }
}

/// The one of `offers` that the client likes best; of those that it likes as much, the first.
///
/// # Errors
/// 406 when it takes none of them.
pub(crate) fn choose(headers: &HeaderMap, offers: &[Form]) -> Result<Form, Problem> {
    let ranges: Vec<_> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(range)
        .collect();
    if ranges.is_empty() {
        return offers.first().copied().ok_or_else(|| refusal(offers));
    }
    let mut best = None;
    for form in offers {
        // The most specific range counts, not the best one: `text/*, text/event-stream;q=0` takes no events.
        let fit = ranges.iter().filter_map(|(range, weight)| Some((fit(range, form.media())?, *weight)));
        let weight = fit.max_by_key(|(specific, _)| *specific).map_or(0, |(_, weight)| weight);
        if weight > best.map_or(0, |(_, weight)| weight) {
            best = Some((*form, weight));
        }
    }
    best.map(|(form, _)| form).ok_or_else(|| refusal(offers))
}

/// A range and its weight in thousandths.
fn range(text: &str) -> Option<(String, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| !range.is_empty())?.to_ascii_lowercase();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let weight = weight.map_or(Some(1.0), |weight| weight.parse::<f32>().ok())?;
    Some((range, (weight.clamp(0.0, 1.0) * 1000.0) as u16))
}

/// How specific a range is that a media type is in.
fn fit(range: &str, media: &str) -> Option<u8> {
    let family = media.split('/').next().unwrap_or_default();
    if range == media {
        Some(2)
    } else if range.strip_suffix("/*") == Some(family) {
        Some(1)
    } else {
        (range == "*/*").then_some(0)
    }
}

fn refusal(offers: &[Form]) -> Problem {
    let offers: Vec<_> = offers.iter().map(|form| form.media()).collect();
    Problem::new(
        StatusCode::NOT_ACCEPTABLE,
        "accept",
        format!("this is given as {}: name one of them in the `Accept` header", offers.join(", ")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gets_what_it_likes_best() {
        let check = |accept: Option<&str>, expect: Option<Form>| {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, accept.parse().unwrap());
            }
            assert_eq!(choose(&headers, &Form::TOPIC).ok(), expect, "{accept:?}");
        };
        use Form::*;
        check(None, Some(Events));
        check(Some(""), Some(Events));
        check(Some("*/*"), Some(Events));
        check(Some("text/event-stream"), Some(Events));
        check(Some("application/json"), Some(Value));
        check(Some("Application/JSON; charset=utf-8"), Some(Value));
        check(Some("application/x-ndjson"), Some(Lines));
        check(Some("application/*"), Some(Lines));
        check(Some("text/*"), Some(Events));
        check(Some("application/json, */*;q=0.1"), Some(Value));
        check(Some("application/json;q=0.5, text/event-stream;q=0.4"), Some(Value));
        check(Some("*/*, text/event-stream;q=0"), Some(Lines));
        check(Some("text/html, application/xhtml+xml, */*;q=0.8"), Some(Events));
        check(Some("text/html"), None);
        check(Some("application/json;q=0"), None);
        check(Some("image/png, text/plain"), None);
    }

    #[test]
    fn a_stream_has_no_last_value() {
        let headers = HeaderMap::from_iter([(header::ACCEPT, "application/json".parse().unwrap())]);
        assert!(choose(&headers, &Form::STREAM).is_err());
    }
}
