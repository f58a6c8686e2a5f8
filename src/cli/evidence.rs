//! `skewgate clock --verify REPORT`: the time-stamp tokens of a report, verified again without asking
//! anybody.

use super::output::print;
use super::{Exit, Failure};
use crate::report::shown;
use crate::source::{Authorities, Token, verify_token};
use crate::time::{Interval, Order, Timestamp, parse_instant};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Where a report has what its sources said: an audit's, a reading, a reading without agreement.
const SAMPLES: [&str; 2] = ["/clock/samples", "/disagreement/samples"];

pub(super) fn run(path: &Path, authorities: &Authorities) -> Result<Exit, Failure> {
    let shown_path = path.display().to_string();
    let text =
        fs::read_to_string(path).map_err(|error| format!("cannot read `{shown_path}`: {error}"))?;
    // Of a report in lines, the first one has the clock.
    let documents = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    let report = documents.take(1).next().transpose().ok().flatten();
    let report = report.ok_or_else(|| {
        format!("`{shown_path}` is no JSON report: it takes what `-o json` or `-o ndjson` wrote")
    })?;
    let samples = SAMPLES
        .iter()
        .filter_map(|at| report.pointer(at)?.as_array())
        .flatten();
    let mut page = String::new();
    let (mut proven, mut refuted) = (0, 0);
    for sample in samples.filter(|sample| sample.get("token").is_some()) {
        let address = sample["address"].as_str().unwrap_or("(no address)");
        let address = shown(address);
        // Writing to a string cannot fail.
        let _written = match verified(sample, authorities) {
            Ok(told) => {
                proven += 1;
                writeln!(page, "{address}  {told}")
            }
            Err(why) => {
                refuted += 1;
                writeln!(page, "{address}  REFUTED: {}", shown(&why))
            }
        };
    }
    if proven + refuted == 0 {
        let none =
            format!("`{shown_path}` holds no time-stamp token: only `tsa:` sources leave one");
        return Err(Failure::unproven(none));
    }
    print(&page)?;
    Ok(if refuted == 0 {
        Exit::Pass
    } else {
        Exit::Findings
    })
}

/// What a token proves, if it does, and if what the report says beside it can be true.
fn verified(sample: &Value, authorities: &Authorities) -> Result<String, String> {
    let decoded = |at: &str| {
        let text = sample.pointer(at).and_then(Value::as_str);
        STANDARD
            .decode(text.unwrap_or_default())
            .map_err(|_unlike| format!("its {at} is no base64"))
    };
    let token = Token {
        challenge: decoded("/token/challenge")?,
        der: decoded("/token/der")?,
    };
    let stamped = verify_token(&token, authorities).map_err(|refusal| refusal.to_string())?;
    let said = said(sample).ok_or("the report does not say what time it gave")?;
    if said.order(stamped.time) != Order::Overlaps {
        let (from, to) = ends(stamped.time);
        return Err(format!(
            "its token is of {from} to {to}, which is another time than the report says"
        ));
    }
    let (from, to) = ends(stamped.time);
    let facts = stamped
        .facts
        .iter()
        .filter(|(name, _)| matches!(*name, "signer" | "serial"));
    let facts: Vec<String> = facts
        .map(|(name, value)| format!("{name} {}", shown(value)))
        .collect();
    Ok(format!(
        "proves a time from {from} to {to} ({})",
        facts.join(", ")
    ))
}

fn said(sample: &Value) -> Option<Interval> {
    let at =
        |key: &str| -> Option<Timestamp> { parse_instant(sample[key].as_str()?).ok()?.earliest() };
    Some(Interval::between(at("earliest")?, at("latest")?))
}

fn ends(time: Interval) -> (String, String) {
    let shown = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    (shown(time.earliest()), shown(time.latest()))
}
