//! What several formats have in common: text and dates in it, and records that one format took from another. No row of
//! the table is here.

pub(in crate::format) mod calendar;
pub(in crate::format) mod cms;
pub(in crate::format) mod compressed;
pub(in crate::format) mod dates;
pub(in crate::format) mod json;
pub(in crate::format) mod keep;
#[cfg(test)]
pub(in crate::format) mod listing;
pub(in crate::format) mod openpgp;
pub(in crate::format) mod text;
pub(in crate::format) mod xmp;
