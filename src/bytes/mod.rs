//! Reading hostile bytes: pieces of files, streams out of decompressors, and the limits on both.
//!
//! Nothing here is read whole unless a limit bounds it, and nothing is mapped: a file that is cut off while it is
//! read gives an error here, where a mapping would end the process.

mod codec;
mod decoded;
mod extent;
mod flaw;
mod limits;
mod number;
mod spool;
mod straight;
mod stream;

pub use codec::{GzipMember, GzipMembers, decoder, extent_decoder, gzip, gzip_header};
pub use decoded::Decoded;
pub use extent::{Extent, OpenFile, ReadAt};
pub use flaw::{Flaw, FlawKind};
pub use limits::{Budget, Limit, Limits};
pub use number::{array, be16, be32, be64, le16, le32, le64};
pub use spool::Spool;
pub use straight::Straight;
pub use stream::{Codec, Origin, Part, Reader, Stream, WINDOW};
