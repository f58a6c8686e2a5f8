//! The headers of a PE image: where its directories are, and where in the file an address of it lies.

use crate::bytes::{Extent, Flaw, Limits, array, le16, le32};

/// The headers of an image (Microsoft, "PE Format").
#[derive(Debug)]
pub(super) struct Image<'a> {
    pub(super) extent: Extent<'a>,
    /// Where the COFF header begins.
    pub(super) coff: u64,
    /// Where the optional header begins.
    pub(super) optional: u64,
    /// Address and size of each directory that there is.
    directories: Vec<[u32; 2]>,
    /// The section headers as they stand.
    sections: Vec<u8>,
    /// How much of the file's beginning is in memory at address 0.
    headers: u32,
    file_alignment: u32,
}

/// The bytes of a COFF header, of a section header, and of the optional header with all its directories.
const COFF: u64 = 20;
const SECTION: usize = 40;
const OPTIONAL: usize = 240;

/// The directories by their number.
pub(super) const EXPORTS: usize = 0;
pub(super) const IMPORTS: usize = 1;
pub(super) const RESOURCES: usize = 2;
pub(super) const CERTIFICATES: usize = 4;
pub(super) const DEBUG: usize = 6;
pub(super) const LOAD_CONFIG: usize = 10;
pub(super) const BOUND_IMPORTS: usize = 11;
pub(super) const DELAYED_IMPORTS: usize = 13;

impl<'a> Image<'a> {
    pub(super) fn read(extent: Extent<'a>, limits: &Limits) -> Result<Self, Flaw> {
        let begin: [u8; 64] = extent.array(0)?;
        let signature = le32(&begin, 60).unwrap_or(0);
        let coff = u64::from(signature) + 4;
        let header: [u8; 20] = extent.array(coff)?;
        let (count, size) = (
            usize::from(le16(&header, 2).unwrap_or(0)),
            le16(&header, 16).unwrap_or(0),
        );
        let optional = coff + COFF;
        let fields = extent.bytes(optional, usize::from(size).min(OPTIONAL))?;
        // PE32 or PE32+; an object or a ROM image has no directories.
        let from = match le16(&fields, 0) {
            Some(0x10b) => 92,
            Some(0x20b) => 108,
            _ => fields.len(),
        };
        let said = le32(&fields, from).map_or(0, |said| usize::try_from(said).unwrap_or(16));
        let directories = fields.get(from + 4..).unwrap_or_default();
        let directories = directories.chunks_exact(8).take(said.min(16));
        let pair = |entry: &[u8]| [le32(entry, 0).unwrap_or(0), le32(entry, 4).unwrap_or(0)];
        let most = usize::try_from(limits.header).unwrap_or(usize::MAX);
        let room = (count * SECTION).min(most);
        Ok(Self {
            extent,
            coff,
            optional,
            directories: directories.map(pair).collect(),
            sections: extent.bytes(optional + u64::from(size), room)?,
            headers: le32(&fields, 60).unwrap_or(0),
            file_alignment: le32(&fields, 36).unwrap_or(0),
        })
    }

    /// The address and the size of a directory, if it has this one.
    pub(super) fn directory(&self, number: usize) -> Option<(u32, u32)> {
        let [address, size] = *self.directories.get(number)?;
        (address != 0 && size != 0).then_some((address, size))
    }

    /// Where in the file a directory lies, and what is there of it, as much as may be kept. `None` where it has none, or
    /// none in the file: what packs an image leaves directories to be unpacked in memory.
    pub(super) fn content(
        &self,
        number: usize,
        limits: &Limits,
    ) -> Result<Option<(u64, Vec<u8>)>, Flaw> {
        let Some((address, size)) = self.directory(number) else {
            return Ok(None);
        };
        let Some(at) = self.place(address) else {
            return Ok(None);
        };
        let size = u64::from(size).min(limits.header);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        Ok(Some((at, self.extent.bytes(at, size)?)))
    }

    /// Where in the file an address lies that is relative to the image's.
    fn place(&self, address: u32) -> Option<u64> {
        let inside = self.sections.chunks_exact(SECTION).find_map(|section| {
            let [start, size, file] = [12, 16, 20].map(|at| array(section, at));
            let [start, size, file] = [start?, size?, file?].map(u32::from_le_bytes);
            let within = address.checked_sub(start).filter(|within| *within < size)?;
            // The loader takes whole sectors of the disk.
            let file = if self.file_alignment < 512 {
                file
            } else {
                file & !511
            };
            Some(u64::from(file) + u64::from(within))
        });
        inside.or((address < self.headers).then_some(u64::from(address)))
    }
}
