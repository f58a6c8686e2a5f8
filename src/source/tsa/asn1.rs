//! Walking through DER, element by element, without a copy: hashes and signatures are over bytes as they
//! came.

use crate::source::Refusal;
use der::asn1::ObjectIdentifier;
use der::{Decode as _, ErrorKind, Header, Length, Reader as _, SliceReader, Tag, TagNumber};

/// `[0]`, constructed.
pub(super) const ZERO: Tag = Tag::ContextSpecific {
    constructed: true,
    number: TagNumber::N0,
};

/// `[1]`, constructed.
pub(super) const ONE: Tag = Tag::ContextSpecific {
    constructed: true,
    number: TagNumber::N1,
};

/// `[0]`, primitive.
pub(super) const ZERO_PRIMITIVE: Tag = Tag::ContextSpecific {
    constructed: false,
    number: TagNumber::N0,
};

/// `[1]`, primitive.
pub(super) const ONE_PRIMITIVE: Tag = Tag::ContextSpecific {
    constructed: false,
    number: TagNumber::N1,
};

/// The elements of a structure, in their order.
pub(super) struct Elements<'bytes> {
    reader: SliceReader<'bytes>,
    /// What the structure is, for who reads that it is malformed.
    what: &'static str,
}

impl<'bytes> Elements<'bytes> {
    /// Those that stand in `bytes`.
    pub(super) fn of(bytes: &'bytes [u8], what: &'static str) -> Result<Self, Refusal> {
        let reader = SliceReader::new(bytes).map_err(|error| refusal(what, error))?;
        Ok(Self { reader, what })
    }

    /// Those inside the one element that `bytes` are.
    pub(super) fn inside(
        bytes: &'bytes [u8],
        tag: Tag,
        what: &'static str,
    ) -> Result<Self, Refusal> {
        let mut outer = Self::of(bytes, what)?;
        let inner = outer.enter(tag, what)?;
        outer.end()?;
        Ok(inner)
    }

    /// Those inside the next element.
    pub(super) fn enter(&mut self, tag: Tag, what: &'static str) -> Result<Self, Refusal> {
        Self::of(self.content(tag)?, what)
    }

    /// What the next element holds.
    pub(super) fn content(&mut self, tag: Tag) -> Result<&'bytes [u8], Refusal> {
        let read = |reader: &mut SliceReader<'bytes>| {
            let header = Header::decode(reader)?;
            header.tag.assert_eq(tag)?;
            reader.read_slice(header.length)
        };
        read(&mut self.reader).map_err(|error| refusal(self.what, error))
    }

    /// What the next element holds, if it has this tag.
    pub(super) fn optional(&mut self, tag: Tag) -> Result<Option<&'bytes [u8]>, Refusal> {
        match self.next_is(tag) {
            true => self.content(tag).map(Some),
            false => Ok(None),
        }
    }

    /// The next element with its tag and length.
    pub(super) fn whole(&mut self) -> Result<&'bytes [u8], Refusal> {
        self.reader
            .tlv_bytes()
            .map_err(|error| refusal(self.what, error))
    }

    /// The next element, which names something.
    pub(super) fn oid(&mut self) -> Result<ObjectIdentifier, Refusal> {
        ObjectIdentifier::decode(&mut self.reader).map_err(|error| refusal(self.what, error))
    }

    /// The next element, which names an algorithm; none that is handled here has parameters.
    pub(super) fn algorithm(&mut self) -> Result<ObjectIdentifier, Refusal> {
        let mut algorithm = self.enter(Tag::Sequence, "algorithm")?;
        let name = algorithm.oid()?;
        // NULL, or a structure: RSA-PSS has one, and shall be told by its name.
        let null = algorithm.optional(Tag::Null)?;
        if null.is_none() {
            let _structure = algorithm.optional(Tag::Sequence)?;
        }
        algorithm.end()?;
        if null.is_some_and(|content| !content.is_empty()) {
            return Err(algorithm.refused("its NULL holds something"));
        }
        Ok(name)
    }

    /// Whether the next element has this tag.
    pub(super) fn next_is(&self, tag: Tag) -> bool {
        self.reader.peek_tag().is_ok_and(|next| next == tag)
    }

    /// Whether there is no next element.
    pub(super) fn is_at_end(&self) -> bool {
        self.reader.is_finished()
    }

    /// Refuses what nobody asked for.
    pub(super) fn end(&self) -> Result<(), Refusal> {
        match self.is_at_end() {
            true => Ok(()),
            false => Err(self.refused("something follows its end")),
        }
    }

    /// That something is wrong with it.
    pub(super) fn refused(&self, why: &str) -> Refusal {
        Refusal::Malformed(format!("{}: {why}", self.what))
    }
}

/// `content` as an element.
pub(super) fn element(tag: Tag, content: &[u8]) -> Result<Vec<u8>, Refusal> {
    let encode = || {
        let length = Length::try_from(content.len())?;
        let mut bytes = der::Encode::to_der(&Header { tag, length })?;
        bytes.extend(content);
        Ok(bytes)
    };
    encode().map_err(|error| refusal("element", error))
}

fn refusal(what: &'static str, error: der::Error) -> Refusal {
    match error.kind() {
        ErrorKind::IndefiniteLength => Refusal::Unhandled(format!(
            "its {what} is written in BER, with an indefinite length; only DER is read"
        )),
        _ => Refusal::Malformed(format!("{what}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Elements, Tag, ZERO, element};
    use crate::source::Refusal;

    #[test]
    fn elements_come_in_their_order_and_nothing_after_them() {
        let bytes = [0x30, 6, 2, 1, 5, 0xA0, 1, 7];
        let mut elements = Elements::inside(&bytes, Tag::Sequence, "it").unwrap();
        assert_eq!(elements.optional(ZERO), Ok(None));
        assert_eq!(elements.content(Tag::Integer), Ok(&[5][..]));
        assert!(elements.end().is_err());
        assert_eq!(elements.optional(ZERO), Ok(Some(&[7][..])));
        assert_eq!(elements.end(), Ok(()));
        assert!(elements.content(Tag::Integer).is_err());
        assert!(Elements::inside(&[0x30, 0, 0], Tag::Sequence, "it").is_err());
        assert!(Elements::inside(&[0x30, 1], Tag::Sequence, "it").is_err());
        assert!(Elements::inside(&[], Tag::Sequence, "it").is_err());
        assert_eq!(element(Tag::Integer, &[5]), Ok(vec![2, 1, 5]));
    }

    #[test]
    fn an_indefinite_length_is_named() {
        let refusal =
            Elements::inside(&[0x30, 0x80, 0, 0], Tag::Sequence, "time-stamp reply").err();
        let Some(Refusal::Unhandled(why)) = refusal else {
            panic!("{refusal:?}");
        };
        assert!(why.contains("BER"), "{why}");
    }
}
