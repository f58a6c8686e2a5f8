//! The headers of a PE image: where its directories are, and where in the file an address of it lies.

use crate::bytes::{Extent, Flaw, Limit, Limits, array, le16, le32};

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
    section_alignment: u32,
}

/// What the file has of a directory.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// Where it lies.
    pub(super) at: u64,
    pub(super) bytes: Vec<u8>,
    /// Why that is not all.
    pub(super) lack: Option<Flaw>,
}

/// Where an address lies.
enum Place {
    /// There in the file.
    File(u64),
    /// In memory only: what packs an image leaves directories to be unpacked there.
    Memory,
    /// Nowhere in the image.
    Nowhere,
}

/// The bytes of a COFF header, of a section header, and of the optional header with all its directories.
const COFF: u64 = 20;
const SECTION: usize = 40;
const OPTIONAL: usize = 240;

/// The bytes of an entry of the debug directory.
const ENTRY: u32 = 28;

/// The directories by their number.
pub(super) const EXPORTS: usize = 0;
pub(super) const IMPORTS: usize = 1;
pub(super) const RESOURCES: usize = 2;
pub(super) const CERTIFICATES: usize = 4;
pub(super) const DEBUG: usize = 6;
pub(super) const LOAD_CONFIG: usize = 10;
pub(super) const BOUND_IMPORTS: usize = 11;
pub(super) const DELAYED_IMPORTS: usize = 13;

/// What a directory is called.
const fn name(number: usize) -> &'static str {
    match number {
        EXPORTS => "export directory",
        IMPORTS => "import directory",
        RESOURCES => "resource directory",
        DEBUG => "debug directory",
        LOAD_CONFIG => "load configuration",
        BOUND_IMPORTS => "table of bound imports",
        DELAYED_IMPORTS => "table of delayed imports",
        _ => "directory",
    }
}

impl<'a> Image<'a> {
    /// Reads the headers; and says what of them could not be.
    pub(super) fn read(extent: Extent<'a>, limits: &Limits) -> Result<(Self, Option<Flaw>), Flaw> {
        let begin: [u8; 64] = extent.array(0)?;
        let signature = le32(&begin, 60).unwrap_or(0);
        let coff = u64::from(signature) + 4;
        let header: [u8; 20] = extent.array(coff)?;
        let (count, size) = (
            usize::from(le16(&header, 2).unwrap_or(0)),
            le16(&header, 16).unwrap_or(0),
        );
        let optional = coff + COFF;
        let wanted = usize::from(size).min(OPTIONAL);
        let fields = extent.bytes(optional, wanted)?;
        // PE32 or PE32+.
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
        let all = count * SECTION;
        let sections = extent.bytes(optional + u64::from(size), all.min(most))?;
        let lack = if fields.len() < wanted {
            let there = fields.len();
            Some(Flaw::truncated(format!(
                "its optional header was to take {size} bytes at {optional}, and it ends after {there} of them: no times behind the first were read"
            )))
        } else if from == fields.len() {
            Some(Flaw::malformed(format!(
                "its optional header at {optional} is neither that of PE32 nor of PE32+: no times behind the first were read"
            )))
        } else if sections.len() < all.min(most) {
            let there = sections.len() / SECTION;
            Some(Flaw::truncated(format!(
                "it is to have the headers of {count} sections, and ends after {there} of them: times in the other sections were not read"
            )))
        } else if all > most {
            Some(Flaw::limit(Limit::Header, limits.header))
        } else {
            None
        };
        let image = Self {
            extent,
            coff,
            optional,
            directories: directories.map(pair).collect(),
            sections,
            headers: le32(&fields, 60).unwrap_or(0),
            file_alignment: le32(&fields, 36).unwrap_or(0),
            section_alignment: le32(&fields, 32).unwrap_or(0),
        };
        Ok((image, lack))
    }

    /// The address and the size of a directory, if it has this one.
    pub(super) fn directory(&self, number: usize) -> Option<(u32, u32)> {
        let [address, size] = *self.directories.get(number)?;
        (address != 0 && size != 0).then_some((address, size))
    }

    /// What the file has of a directory, `wanted` bytes of it and no more than may be kept. `None` where the image has no
    /// such directory, or has it in memory only.
    ///
    /// # Errors
    /// When the system fails to read.
    pub(super) fn content(
        &self,
        number: usize,
        wanted: u64,
        limits: &Limits,
    ) -> Result<Option<Content>, Flaw> {
        let Some((address, size)) = self.directory(number) else {
            return Ok(None);
        };
        // Borland's linkers say there how many entries it has.
        let is_count = number == DEBUG && size < ENTRY;
        let size = u64::from(size) * u64::from(if is_count { ENTRY } else { 1 });
        let name = name(number);
        let at = match self.place(address) {
            Place::File(at) => at,
            Place::Memory => return Ok(None),
            Place::Nowhere => {
                return Ok(Some(Content {
                    lack: Some(Flaw::malformed(format!(
                        "its {name} would be at the address {address:#x}, which is in no section: it was not read"
                    ))),
                    ..Content::default()
                }));
            }
        };
        let most = size.min(wanted);
        let kept = usize::try_from(most.min(limits.header)).unwrap_or(usize::MAX);
        let bytes = self.extent.bytes(at, kept)?;
        let lack = if bytes.len() < kept {
            Some(Flaw::truncated(format!(
                "its {name} was to take {size} bytes at {at}, and it ends after {} of them: the rest was not read",
                bytes.len()
            )))
        } else if most > limits.header {
            Some(Flaw::limit(Limit::Header, limits.header))
        } else {
            None
        };
        Ok(Some(Content { at, bytes, lack }))
    }

    /// Where an address lies that is relative to the image's.
    fn place(&self, address: u32) -> Place {
        let mut place = Place::Nowhere;
        for section in self.sections.chunks_exact(SECTION) {
            let [memory, start, size, file] =
                [8, 12, 16, 20].map(|at| array(section, at).map_or(0, u32::from_le_bytes));
            let Some(within) = address.checked_sub(start) else {
                continue;
            };
            if within < size {
                // The loader takes whole sectors of the disk.
                let file = if self.file_alignment < 512 {
                    file
                } else {
                    file & !511
                };
                return Place::File(u64::from(file) + u64::from(within));
            }
            // It takes whole pages of memory.
            let page = u64::from(self.section_alignment.max(4096));
            if u64::from(within) < u64::from(memory).next_multiple_of(page) {
                place = Place::Memory;
            }
        }
        match place {
            Place::Nowhere if address < self.headers => Place::File(u64::from(address)),
            place => place,
        }
    }
}
