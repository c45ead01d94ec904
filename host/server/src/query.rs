//! What a client asks of a stream: the query, and where it left off.

use crate::problem::Problem;
use axum::http::HeaderMap;
use greenroom_core::Pattern;
use greenroom_engine::hub::From;
use std::num::NonZeroU64;

/// Patterns that one stream may name: each message is held against all of them.
const PATTERNS: usize = 16;

/// A stream's query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// `topic=PATTERN`, repeated.
    pub(crate) topics: Vec<Pattern>,
    /// `limit=N`: the stream ends after so many messages.
    pub(crate) limit: Option<NonZeroU64>,
    last: Option<String>,
    earliest: bool,
}

impl Query {
    /// Reads a query. `topics` says whether it may name topics.
    ///
    /// # Errors
    /// 400 that names the parameter and says what it takes. An unknown one is refused: what is misspelt would be
    /// answered with something else than was asked for.
    pub(crate) fn parse(text: Option<&str>, topics: bool) -> Result<Self, Problem> {
        let mut query = Self::default();
        for (name, value) in form_urlencoded::parse(text.unwrap_or_default().as_bytes()) {
            match &*name {
                "topic" if topics => query.topics.push(pattern(&value)?),
                "limit" => query.limit = Some(limit(&value)?),
                "lastEventID" => query.last = Some(value.into_owned()).filter(|id| !id.is_empty()),
                "earliest" => query.earliest = flag(&value)?,
                _ => {
                    let known = if topics { "`topic`, " } else { "" };
                    return Err(Problem::bad_request(
                        "query",
                        format!(
                            "the query has `{}`: it takes {known}`limit`, `lastEventID` and `earliest`",
                            name.escape_debug(),
                        ),
                    ));
                }
            }
        }
        if query.topics.len() > PATTERNS {
            let detail = format!("{} topics: a stream takes {PATTERNS} patterns at most", query.topics.len());
            return Err(Problem::bad_request("topic", detail));
        }
        Ok(query)
    }

    /// Where the stream begins: after the `Last-Event-ID` header, which browsers send by themselves and which is newer
    /// than the address; else after `lastEventID`; else at the earliest, if asked for; else now.
    pub(crate) fn from(&self, headers: &HeaderMap, epoch: &str) -> From {
        let header =
            headers.get("last-event-id").map(|value| value.to_str().unwrap_or("?")).filter(|id| !id.is_empty());
        match header.or(self.last.as_deref()) {
            Some("earliest") => From::Earliest,
            Some(id) => place(id, epoch).map_or(From::Lost, From::After),
            None if self.earliest => From::Earliest,
            None => From::Now,
        }
    }
}

/// The number in an id of this start of the host; none: the id is of another, or none at all.
fn place(id: &str, epoch: &str) -> Option<u64> {
    let (theirs, seq) = id.rsplit_once('-')?;
    let digits = !seq.is_empty() && seq.bytes().all(|byte| byte.is_ascii_digit());
    if theirs == epoch && digits { seq.parse().ok() } else { None }
}

fn pattern(text: &str) -> Result<Pattern, Problem> {
    text.parse().map_err(|why| {
        Problem::bad_request("topic", format!("`{}` is no topic or pattern: {why}", text.escape_debug()))
    })
}

fn limit(text: &str) -> Result<NonZeroU64, Problem> {
    text.parse().map_err(|_| {
        Problem::bad_request(
            "limit",
            format!("`limit` is a number of messages from 1 on, not `{}`", text.escape_debug()),
        )
    })
}

fn flag(text: &str) -> Result<bool, Problem> {
    match text {
        "" | "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(Problem::bad_request(
            "earliest",
            format!("`earliest` stands alone, or is `true` or `false`, not `{}`", text.escape_debug()),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read() {
        let check = |text: &str, topics: bool, expect: Result<(usize, Option<u64>), &str>| {
            let query = Query::parse(Some(text), topics);
            match (query, expect) {
                (Ok(query), Ok(expect)) => {
                    assert_eq!((query.topics.len(), query.limit.map(NonZeroU64::get)), expect, "{text}");
                }
                (Err(problem), Err(says)) => assert!(format!("{problem:?}").contains(says), "{text}: {problem:?}"),
                (got, expect) => panic!("{text}: {got:?} instead of {expect:?}"),
            }
        };
        check("", true, Ok((0, None)));
        check("topic=kettle/**&topic=greenroom%2Fevents&limit=3", true, Ok((2, Some(3))));
        check("topic=a", false, Err("the query has `topic`: it takes `limit`"));
        check("topics=a", true, Err("it takes `topic`, `limit`"));
        check("topic=a//b", true, Err("no empty segment"));
        check("topic=", true, Err("1 to 128 bytes"));
        check("limit=0", true, Err("from 1 on, not `0`"));
        check("limit=-1", true, Err("from 1 on"));
        check("limit=ten", true, Err("not `ten`"));
        check("limit=", true, Err("from 1 on"));
        check("earliest=maybe", true, Err("stands alone"));
        check(&"topic=a&".repeat(17), true, Err("16 patterns at most"));
    }

    #[test]
    fn a_client_goes_on_where_it_left_off() {
        let check = |header: Option<&str>, query: &str, expect: From| {
            let mut headers = HeaderMap::new();
            if let Some(id) = header {
                headers.insert("last-event-id", id.parse().unwrap());
            }
            assert_eq!(Query::parse(Some(query), true).unwrap().from(&headers, "a-b"), expect, "{header:?} {query}");
        };
        check(None, "", From::Now);
        check(None, "earliest", From::Earliest);
        check(None, "earliest=false", From::Now);
        check(None, "lastEventID=a-b-7", From::After(7));
        check(None, "lastEventID=a-b-7&earliest", From::After(7));
        check(None, "lastEventID=earliest", From::Earliest);
        check(None, "lastEventID=", From::Now);
        check(Some("a-b-8"), "lastEventID=a-b-7&earliest", From::After(8));
        check(Some(""), "lastEventID=a-b-7", From::After(7));
        check(Some("earliest"), "", From::Earliest);
        for id in ["a-c-7", "7", "a-b-", "a-b-x", "a-b-+7", "a-b--7", "a-b-99999999999999999999", "nonsense", "a-b"] {
            check(Some(id), "", From::Lost);
        }
    }
}
