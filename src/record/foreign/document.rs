//! A file that may be a record: what is in it, out of its envelopes.

use super::{Variables, brief, json};
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

/// The longest file that is read, in bytes. Provenances of large images have some hundred kilobytes.
pub(super) const LIMIT: u64 = 16 << 20;

/// A file that may be a record.
pub(super) struct Document<'file> {
    /// How it is named.
    pub(super) place: &'file str,
    /// What is in it.
    pub(super) content: Content<'file>,
    /// The environment, for what tells which of several the record is of.
    pub(super) variables: &'file Variables<'file>,
}

/// What is in a file.
pub(super) enum Content<'file> {
    /// JSON: one document, or one a line.
    Json(Vec<Item>),
    /// Any other text.
    Text(&'file str),
}

/// One JSON document.
pub(super) struct Item {
    /// What it says.
    pub(super) value: Value,
    /// Whether it came in an envelope with signatures.
    pub(super) is_signed: bool,
}

impl<'file> Document<'file> {
    /// Reads a file.
    ///
    /// # Errors
    /// With what is wrong with it, when it is no text, or no JSON although it begins like it.
    pub(super) fn read(
        place: &'file str,
        bytes: &'file [u8],
        variables: &'file Variables<'file>,
    ) -> Result<Self, String> {
        let text = text(bytes)?;
        let content = if text.trim_start().starts_with(['{', '[']) {
            Content::Json(items(text)?)
        } else {
            Content::Text(text)
        };
        Ok(Self {
            place,
            content,
            variables,
        })
    }

    /// Its JSON documents; none where it is no JSON.
    pub(super) fn items(&self) -> &[Item] {
        match &self.content {
            Content::Json(items) => items,
            Content::Text(_) => &[],
        }
    }

    /// Its one JSON document; `None` where there are several.
    pub(super) fn single(&self) -> Option<&Value> {
        match self.items() {
            [
                Item {
                    value,
                    is_signed: false,
                },
            ] => Some(value),
            _ => None,
        }
    }

    /// What it looks like, for when nobody knows it.
    pub(super) fn look(&self) -> String {
        let items = match &self.content {
            Content::Json(items) => items,
            Content::Text("") => return "it is empty".to_owned(),
            Content::Text(_) => return "it is a text of another kind".to_owned(),
        };
        let told = |key: &str| {
            let mut told = items.iter().filter_map(|item| json::text(&item.value, key));
            told.next().map(brief)
        };
        if let Some(kind) = told("predicateType") {
            return format!("it holds in-toto statements, but of the type {kind}");
        }
        if let Some(schema) = told("schema") {
            return format!("its schema is {schema}");
        }
        "it is JSON without any field that would tell".to_owned()
    }
}

/// The text that bytes are.
fn text(bytes: &[u8]) -> Result<&str, String> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(
            "it is UTF-16, as PowerShell writes; write it anew as UTF-8 (Out-File -Encoding utf8)"
                .to_owned(),
        );
    }
    let text = str::from_utf8(bytes)
        .map_err(|error| format!("byte {} is no UTF-8 text", error.valid_up_to()))?;
    if let Some(at) = text.find('\0') {
        return Err(format!("byte {at} is NUL, which no text has"));
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn items(text: &str) -> Result<Vec<Item>, String> {
    let unread = |error: serde_json::Error| {
        let kind = if error.is_eof() { "cut off" } else { "wrong" };
        format!("its JSON is {kind}: {}", brief(&error.to_string()))
    };
    let mut left = json::MOST_VALUES;
    let values = json::values(text, &mut left).map_err(unread)?;
    values
        .into_iter()
        .map(|value| unwrapped(value, &mut left))
        .collect()
}

/// A document out of its envelope: a Sigstore bundle (`dev.sigstore.bundle.v1.Bundle` in
/// sigstore/protobuf-specs) holds a DSSE envelope (secure-systems-lab/dsse, `envelope.md`), and that a
/// statement. No signature is checked.
fn unwrapped(value: Value, left: &mut usize) -> Result<Item, String> {
    let envelope = match value.get("dsseEnvelope") {
        Some(inner) => inner,
        None if value.get("messageSignature").is_some() => {
            return Err(
                "it is a Sigstore bundle that signs a digest and holds no statement; name the \
                 bundle of the provenance"
                    .to_owned(),
            );
        }
        None => &value,
    };
    let (Some(kind), Some(payload)) = (
        json::text(envelope, "payloadType"),
        json::text(envelope, "payload"),
    ) else {
        let item = Item {
            value,
            is_signed: false,
        };
        return Ok(item);
    };
    if kind != PAYLOAD_TYPE {
        let kind = brief(kind);
        return Err(format!(
            "payloadType of its DSSE envelope is `{kind}`, not {PAYLOAD_TYPE}"
        ));
    }
    let decoded = unwrap_base64(payload).ok_or("the payload of its DSSE envelope is no base64")?;
    let statement = text(&decoded)
        .map_err(|why| format!("the payload of its DSSE envelope is no statement: {why}"))?;
    let mut values = json::values(statement, left).map_err(|error| {
        let error = brief(&error.to_string());
        format!("the payload of its DSSE envelope is no statement: {error}")
    })?;
    match (values.pop(), values.is_empty()) {
        (Some(value), true) => Ok(Item {
            value,
            is_signed: true,
        }),
        _ => Err("the payload of its DSSE envelope is more than one statement".to_owned()),
    }
}

/// The type of an in-toto statement (in-toto/attestation, `spec/v1/envelope.md`).
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// Base64 in either alphabet, as DSSE demands of who reads it, padded or not.
pub(crate) fn unwrap_base64(payload: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [&STANDARD, &URL_SAFE]
        .iter()
        .find_map(|alphabet| GeneralPurpose::new(alphabet, LENIENT).decode(payload).ok())
}

#[cfg(test)]
mod tests {
    use super::{Document, Item, unwrap_base64};
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::{any, proptest};
    use serde_json::{Value, json};

    fn read(text: &str) -> Result<Vec<(Value, bool)>, String> {
        let document = Document::read("x", text.as_bytes(), &|_| None)?;
        let told = |item: &Item| (item.value.clone(), item.is_signed);
        Ok(document.items().iter().map(told).collect())
    }

    fn envelope(payload: &str) -> Value {
        json!({"payloadType": "application/vnd.in-toto+json", "payload": STANDARD.encode(payload), "signatures": []})
    }

    #[test]
    fn a_statement_is_taken_out_of_its_envelopes() {
        let (plain, envelope) = (json!({"a": 1}), envelope(r#"{"a": 1}"#));
        let bundle = json!({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "dsseEnvelope": envelope});
        assert_eq!(read(&plain.to_string()).unwrap(), [(plain.clone(), false)]);
        let lines = format!("{envelope}\n{bundle}\n");
        assert_eq!(
            read(&lines).unwrap(),
            [(plain.clone(), true), (plain, true)]
        );
    }

    #[test]
    fn an_envelope_is_opened_once_and_only_when_it_holds_a_statement() {
        let inner = envelope("{}");
        assert_eq!(
            read(&envelope(&inner.to_string()).to_string()).unwrap(),
            [(inner, true)]
        );
        let mut other = envelope("{}");
        other["payloadType"] = json!("text/plain");
        assert!(
            read(&other.to_string())
                .unwrap_err()
                .contains("`text/plain`")
        );
        other = envelope("{}");
        other["payload"] = json!("a-b+");
        assert!(read(&other.to_string()).unwrap_err().contains("no base64"));
        for (payload, why) in [
            ("{} {}", "more than one"),
            ("{", "EOF"),
            ("\0", "NUL"),
            (r#"{"a":1,"a":2}"#, "`a` stands twice"),
        ] {
            let told = read(&envelope(payload).to_string()).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
        let digest = r#"{"messageSignature": {}}"#;
        assert!(read(digest).unwrap_err().contains("signs a digest"));
    }

    #[test]
    fn what_is_no_text_is_named() {
        for (bytes, why) in [
            (&b"\xff\xfe{\0}\0"[..], "PowerShell"),
            (b"ab\xc3", "byte 2 is no UTF-8"),
            (b"a\0", "byte 1 is NUL"),
            (b"{\"a\":", "cut off"),
            (b"{]", "wrong"),
        ] {
            let told = Document::read("x", bytes, &|_| None).err().unwrap();
            assert!(told.contains(why), "{told}");
        }
        assert_eq!(read("\u{feff}{}").unwrap(), [(json!({}), false)]);
    }

    proptest! {
        #[test]
        fn either_alphabet_is_read_padded_or_not(bytes in any::<Vec<u8>>()) {
            assert_eq!(unwrap_base64(&STANDARD.encode(&bytes)).as_ref(), Some(&bytes));
            assert_eq!(unwrap_base64(&URL_SAFE_NO_PAD.encode(&bytes)).as_ref(), Some(&bytes));
        }
    }
}
