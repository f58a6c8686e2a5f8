//! What is read: packages by name, the crates that cargo has fetched, and archives made here. All of it is kept between
//! runs, and what cannot be had is said.

use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::made;

/// The hidden first argument that makes the benchmark gather what is to be read.
pub(crate) const COMMAND: &str = "gather";

fn root() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench/embedded")
}

/// Packages of Debian with jars, with static libraries and with neither.
const PACKAGES: &[&str] = &[
    "groovy",
    "libbcprov-java",
    "libeclipse-jdt-core-java",
    "libguava-java",
    "libjetty9-java",
    "libspring-core-java",
    "libtomcat9-java",
    "libxalan2-java",
    "libxerces2-java",
    "libc6-dev",
    "libstdc++-12-dev",
    "mingw-w64-x86-64-dev",
    "cpp-12",
    "perl-modules-5.36",
];

/// Of the crates so many are read, the largest: enough that the last one to be read is little of it all.
const CRATES: usize = 100;

/// Crates that are left out: import libraries with ten thousand members each, which skewgate reads, too, and nobody who
/// lists a tar.
const LIBRARIES: &str = "windows_";

/// How much of the crates' content is compressed anew for the formats that are read by several threads.
const MUCH: usize = 128 << 20;

/// What comes out of one block, and of one frame.
const BLOCK: usize = 8 << 20;

/// Changed with whatever changes what is made, so that what is at hand is made anew.
const GENERATOR: &str = "2";

/// The files of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    /// Zip archives.
    Zips,
    /// tar.gz archives.
    Crates,
    /// Debian packages.
    Debs,
    /// Static libraries.
    Libraries,
    /// The same for a program that changes them.
    Copies,
    /// A tar in many blocks of xz.
    Xz,
    /// A tar in many frames of zstd.
    Zstd,
    /// A tree of files that carry no times.
    Plain,
    /// A tree of files of which one in twenty is a small archive.
    Mixed,
    /// The archives of that tree.
    Small,
}

/// The place of all that the benchmark keeps between runs.
#[derive(Debug)]
pub(crate) struct Corpus(PathBuf);

impl Corpus {
    /// What was gathered, and what is not there yet by a process of its own: the kernel counts the memory of whoever
    /// starts a process into its peak.
    pub(crate) fn prepare() -> Result<Self, Box<dyn Error>> {
        let gathered = Command::new(std::env::current_exe()?)
            .arg(COMMAND)
            .status()?;
        if !gathered.success() {
            return Err("the files to read cannot be gathered".into());
        }
        Ok(Self(root()))
    }

    /// Gathers and makes what is not there yet, inside cargo's target directory.
    pub(crate) fn gather() -> Result<(), Box<dyn Error>> {
        let corpus = Self(root());
        fs::create_dir_all(&corpus.0)?;
        for (name, make) in [
            ("packages", Self::packages as fn(&Self, &Path) -> Made),
            ("zips", Self::zips),
            ("crates", Self::crates),
            ("blocks", Self::blocks),
            ("trees", Self::trees),
        ] {
            let (place, stamp) = (corpus.at(name), corpus.at(&format!("{name}.stamp")));
            if fs::read_to_string(&stamp).is_ok_and(|stamp| stamp == GENERATOR) {
                continue;
            }
            println!("making {}", place.display());
            if place.exists() {
                fs::remove_dir_all(&place)?;
            }
            fs::create_dir_all(&place)?;
            match make(&corpus, &place) {
                Ok(()) => write(&stamp, GENERATOR)?,
                Err(error) => println!("{name}: missing: {error}"),
            }
        }
        Ok(())
    }

    /// A path in the place.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The files of a kind, or the folder for a tree; none if they could not be had.
    pub(crate) fn files(&self, set: Set) -> Vec<PathBuf> {
        let (folder, ends): (&str, &[&str]) = match set {
            Set::Zips => ("zips", &["zip", "jar"]),
            Set::Crates => ("crates", &["crate"]),
            Set::Debs => ("packages", &["deb"]),
            Set::Libraries => ("packages/libraries", &["a"]),
            Set::Copies => ("packages/copies", &["a"]),
            Set::Xz => ("blocks", &["xz"]),
            Set::Zstd => ("blocks", &["zst"]),
            Set::Small => ("trees/mixed", &["zip", "tgz", "a"]),
            Set::Plain => return vec![self.at("trees/plain")],
            Set::Mixed => return vec![self.at("trees/mixed")],
        };
        let mut files = Vec::new();
        find(&self.at(folder), ends, set == Set::Small, &mut files);
        files.sort();
        files
    }

    /// Fetches packages and takes the jars and libraries out of them.
    fn packages(&self, place: &Path) -> Made {
        for package in PACKAGES {
            let fetched = Command::new("apt-get")
                .args(["download", "-qq", package])
                .current_dir(place)
                .output()?;
            if !fetched.status.success() {
                println!("{package}: missing, left out");
            }
        }
        let (root, libraries) = (place.join("root"), place.join("libraries"));
        let copies = place.join("copies");
        for folder in [&libraries, &copies, &self.at("jars")] {
            fs::create_dir_all(folder)?;
        }
        for package in self.files(Set::Debs) {
            Command::new("dpkg-deb")
                .arg("-x")
                .args([&package, &root])
                .status()?;
        }
        let mut found = Vec::new();
        find(&root, &["jar", "a"], true, &mut found);
        for (number, file) in found.iter().enumerate() {
            let name = file.file_name().and_then(OsStr::to_str).unwrap_or_default();
            let name = format!("{number:04}-{name}");
            if name.ends_with(".jar") {
                fs::copy(file, self.at("jars").join(&name))?;
            } else {
                fs::copy(file, libraries.join(&name))?;
                fs::copy(file, copies.join(&name))?;
            }
        }
        fs::remove_dir_all(&root)?;
        Ok(())
    }

    /// Jars, and large zips that are made here.
    fn zips(&self, place: &Path) -> Made {
        let mut jars = Vec::new();
        find(&self.at("jars"), &["jar"], false, &mut jars);
        for jar in jars {
            fs::copy(&jar, place.join(jar.file_name().unwrap_or_default()))?;
        }
        for (name, is_exact) in [("bare-1", false), ("bare-2", false), ("exact", true)] {
            write(
                place.join(name).with_extension("zip"),
                made::zip(60_000, is_exact)?,
            )?;
        }
        Ok(())
    }

    /// The largest crates in cargo's home, which is where building this one has put them.
    fn crates(&self, place: &Path) -> Made {
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
        let mut crates = Vec::new();
        find(
            &home.ok_or("no home of cargo")?.join("registry/cache"),
            &["crate"],
            true,
            &mut crates,
        );
        crates.retain(|file| {
            let name = file.file_name().and_then(OsStr::to_str);
            name.is_some_and(|name| !name.starts_with(LIBRARIES))
        });
        crates.sort_by_key(|file| {
            std::cmp::Reverse(fs::metadata(file).map_or(0, |known| known.len()))
        });
        for file in crates.iter().take(CRATES) {
            fs::copy(file, place.join(file.file_name().unwrap_or_default()))?;
        }
        Ok(())
    }

    /// What is in the crates, compressed so that several threads can read it.
    fn blocks(&self, place: &Path) -> Made {
        let mut content = Vec::new();
        for file in self.files(Set::Crates).iter().cycle().take(4 * CRATES) {
            if content.len() < MUCH {
                flate2::read::MultiGzDecoder::new(fs::File::open(file)?)
                    .read_to_end(&mut content)?;
            }
        }
        let mut frames = fs::File::create(place.join("frames.tar.zst"))?;
        for block in content.chunks(BLOCK) {
            frames.write_all(&zstd::bulk::compress(block, 3)?)?;
        }
        let tar = place.join("blocks.tar");
        write(&tar, content)?;
        let size = format!("--block-size={BLOCK}");
        let packed = Command::new("xz")
            .args(["-T2", "-1", &size])
            .arg(&tar)
            .status();
        if !packed.is_ok_and(|status| status.success()) {
            println!("xz: missing, left out");
        }
        Ok(())
    }

    /// A tree of ordinary files, and one in which one in twenty is a small archive.
    fn trees(&self, place: &Path) -> Made {
        let archives = [
            ("zip", made::zip(10, true)?),
            ("tgz", made::tar_gz(10)?),
            ("a", made::ar(10)),
        ];
        for (tree, count) in [("plain", 200_000), ("mixed", 100_000)] {
            let mut archive = archives.iter().cycle();
            for number in 0..count {
                let folder = place.join(tree).join(format!("part-{}", number / 40));
                if number % 40 == 0 {
                    fs::create_dir_all(&folder)?;
                }
                if tree == "mixed" && number % 20 == 7 {
                    let (end, bytes) = archive.next().ok_or("no archive")?;
                    write(folder.join(format!("unit-{number:07}.{end}")), bytes)?;
                } else {
                    let ends = ["o", "so", "h", "c", "d", "js", "css", "html", "map", "txt"];
                    let end = ends[number % ends.len()];
                    write(folder.join(format!("unit-{number:07}.{end}")), b"")?;
                }
            }
        }
        Ok(())
    }
}

fn write(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    fs::File::create(path)?.write_all(bytes.as_ref())
}

type Made = Result<(), Box<dyn Error>>;

/// The files with one of these extensions in a folder, and below it or not.
fn find(folder: &Path, ends: &[&str], is_deep: bool, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let path = entry.path();
        let kind = entry.file_type();
        let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        if kind.as_ref().is_ok_and(fs::FileType::is_dir) && is_deep {
            find(&path, ends, true, files);
        } else if kind.is_ok_and(|kind| kind.is_file()) && ends.contains(&extension) {
            files.push(path);
        }
    }
}
