//! The signed attributes of a token: `SignedAttributes` of RFC 5652 §5.3.

use super::asn1::{Elements, element};
use crate::source::Refusal;
use der::Tag;
use der::asn1::ObjectIdentifier;

/// Signed attributes: each whole, and what it is.
pub(super) struct Attributes<'der>(Vec<(ObjectIdentifier, &'der [u8])>);

impl<'der> Attributes<'der> {
    pub(super) fn parse(content: &'der [u8]) -> Result<Self, Refusal> {
        let mut set = Elements::of(content, "signed attributes")?;
        let mut attributes = Vec::new();
        while !set.is_at_end() {
            let whole = set.whole()?;
            let name = Elements::inside(whole, Tag::Sequence, "attribute")?.oid()?;
            attributes.push((name, whole));
        }
        Ok(Self(attributes))
    }

    /// The one value of an attribute that may be there once.
    pub(super) fn single(
        &self,
        name: ObjectIdentifier,
        what: &'static str,
    ) -> Result<Option<Elements<'der>>, Refusal> {
        let mut found = self.0.iter().filter(|(other, _)| *other == name);
        let Some((_, whole)) = found.next() else {
            return Ok(None);
        };
        let mut attribute = Elements::inside(whole, Tag::Sequence, what)?;
        if found.next().is_some() {
            return Err(attribute.refused("it is there twice"));
        }
        let _name = attribute.oid()?;
        let mut values = attribute.enter(Tag::Set, what)?;
        attribute.end()?;
        let value = values.whole()?;
        if !values.is_at_end() {
            return Err(values.refused("it has several values"));
        }
        Elements::of(value, what).map(Some)
    }

    pub(super) fn required(
        &self,
        name: ObjectIdentifier,
        what: &'static str,
    ) -> Result<Elements<'der>, Refusal> {
        let value = self.single(name, what)?;
        value.ok_or_else(|| Refusal::Malformed(format!("signed attributes: {what} is missing")))
    }

    /// What is signed: the DER of the `SET OF` attributes (RFC 5652 §5.4), whose elements are in the order
    /// of their bytes (X.690 §11.6).
    pub(super) fn message(&self) -> Result<Vec<u8>, Refusal> {
        let mut wholes: Vec<&[u8]> = self.0.iter().map(|(_, whole)| *whole).collect();
        wholes.sort_unstable();
        element(Tag::Set, &wholes.concat())
    }
}

#[cfg(test)]
mod tests {
    use super::{Attributes, ObjectIdentifier};

    const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");

    #[test]
    fn an_attribute_is_there_once_with_one_value() {
        // contentType: OID, and a SET with `1` in it, or `1` and `2`.
        const NAME: [u8; 11] = [6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 13, 1, 9, 3];
        let attribute = |values: &[u8]| {
            let length = u8::try_from(values.len()).unwrap();
            [&[0x30, length + 13], &NAME[..], &[0x31, length], values].concat()
        };
        let once = attribute(&[2, 1, 1]);
        let single = |content: &[u8]| {
            let attributes = Attributes::parse(content).unwrap();
            attributes
                .single(CONTENT_TYPE, "it")
                .map(|found| found.is_some())
                .map_err(|refusal| refusal.to_string())
        };
        assert_eq!(single(&once), Ok(true));
        assert_eq!(single(&[]), Ok(false));
        let twice = single(&[&once[..], &attribute(&[2, 1, 2])].concat());
        assert!(twice.unwrap_err().contains("twice"));
        let several = single(&attribute(&[2, 1, 1, 2, 1, 2]));
        assert!(several.unwrap_err().contains("several values"));
        assert!(single(&attribute(&[])).is_err());
    }

    #[test]
    fn what_is_signed_is_in_the_order_of_its_bytes() {
        let (a, b) = ([0x30, 5, 6, 3, 42, 3, 1], [0x30, 5, 6, 3, 42, 3, 2]);
        for order in [[a, b], [b, a]] {
            let message = Attributes::parse(&order.concat()).unwrap().message();
            assert_eq!(message, Ok([&[0x31, 14], &a[..], &b].concat()));
        }
    }
}
