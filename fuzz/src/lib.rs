//! Changes DER so that it stays DER: what is inside one element is changed, and the lengths of those around it
//! are made to fit. Changed blindly, what is nested deep would hardly ever be reached again.

use libfuzzer_sys::fuzzer_mutate;

/// How much longer an element may become at once.
const LONGER: usize = 64;

/// Where an element is.
struct Element {
    head: usize,
    content: usize,
    end: usize,
    /// The element around it.
    outer: Option<usize>,
}

/// Changes the first `size` bytes of `data`, to at most `max_size`; how many they are then.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let whole = data[..size].to_vec();
    let mut elements = Vec::new();
    find(&whole, (0, size), None, &mut elements);
    let chosen = seed as usize % (elements.len() + 1);
    if chosen == elements.len() {
        return fuzzer_mutate(data, size, max_size);
    }
    let changed = replace(&whole, &elements, chosen);
    if changed.len() > max_size {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..changed.len()].copy_from_slice(&changed);
    changed.len()
}

/// Finds the elements from one place to another, each before those inside it.
fn find(
    bytes: &[u8],
    (mut at, end): (usize, usize),
    outer: Option<usize>,
    found: &mut Vec<Element>,
) {
    while let Some((content, after)) = head(&bytes[..end], at) {
        let own = found.len();
        found.push(Element {
            head: at,
            content,
            end: after,
            outer,
        });
        // Extensions of certificates, and what a token is about, are DER in an OCTET STRING.
        let is_nested = bytes[at] & 0x20 != 0
            || bytes[at] == 4
                && head(&bytes[..after], content).is_some_and(|(_, end)| end == after);
        if is_nested {
            find(bytes, (content, after), Some(own), found);
        }
        at = after;
    }
}

/// Where the content of the element at a place begins, and where it ends.
fn head(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let (content, length) = match *bytes.get(at + 1..)? {
        [length @ ..=0x7F, ..] => (at + 2, usize::from(length)),
        [0x81, length, ..] => (at + 3, length.into()),
        [0x82, high, low, ..] => (at + 4, u16::from_be_bytes([high, low]).into()),
        _ => return None,
    };
    let end = content + length;
    (end <= bytes.len()).then_some((content, end))
}

/// The bytes with what is inside one element changed.
fn replace(whole: &[u8], elements: &[Element], chosen: usize) -> Vec<u8> {
    let element = &elements[chosen];
    let mut inside = whole[element.content..element.end].to_vec();
    let (size, longest) = (inside.len(), inside.len() + LONGER);
    inside.resize(longest, 0);
    let size = fuzzer_mutate(&mut inside, size, longest);
    inside.truncate(size);
    let mut at = Some(element);
    let (mut from, mut to) = (element.content, element.end);
    while let Some(element) = at {
        inside = [
            &whole[element.content..from],
            &inside,
            &whole[to..element.end],
        ]
        .concat();
        let length = u16::try_from(inside.len())
            .unwrap_or(u16::MAX)
            .to_be_bytes();
        let length = match length {
            [0, length @ ..=0x7F] => vec![length],
            [0, length] => vec![0x81, length],
            [high, low] => vec![0x82, high, low],
        };
        inside = [&[whole[element.head]], length.as_slice(), &inside].concat();
        (from, to) = (element.head, element.end);
        at = element.outer.map(|outer| &elements[outer]);
    }
    [&whole[..from], &inside, &whole[to..]].concat()
}
