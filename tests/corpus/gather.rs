//! Real packages and archives: what this project was built of, what this system is made of, and what registries hand
//! out under well-known names.

use crate::harness::succeeds;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use walkdir::WalkDir;

/// The packages of the dependencies, as they were fetched to build this.
pub(crate) fn crates() -> Vec<PathBuf> {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    let lock = fs::read_to_string(lock).unwrap();
    let value = |line: &str, key: &str| {
        let value = line.strip_prefix(key)?.strip_prefix(" = \"")?;
        Some(value.strip_suffix('"')?.to_owned())
    };
    let packages = lock.split("[[package]]").filter_map(|package| {
        let find = |key| package.lines().find_map(|line| value(line, key));
        Some(format!("{}-{}.crate", find("name")?, find("version")?))
    });
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let Some(caches) = home.and_then(|home| fs::read_dir(home.join("registry/cache")).ok()) else {
        return Vec::new();
    };
    let caches: Vec<PathBuf> = caches.map(|cache| cache.unwrap().path()).collect();
    let of_package = |package: String| caches.iter().map(move |cache| cache.join(&package));
    let paths = packages.flat_map(of_package);
    paths.filter(|path| path.exists()).collect()
}

/// Ends of the names of what systems install, and how much of each is taken.
const KINDS: &[&str] = &[
    ".a", ".deb", ".efi", ".gz", ".jar", ".mo", ".o", ".otf", ".pdf", ".png", ".pyc", ".rlib",
    ".so", ".ttf", ".whl", ".woff", ".xz",
];
const OF_EACH: usize = 40;

/// Larger files take long without optimisation.
const LARGEST: u64 = 4 << 20;

/// Some files of each kind that packages of the system installed, from all over it.
pub(crate) fn system() -> Vec<PathBuf> {
    let mut kinds: BTreeMap<&str, Vec<PathBuf>> = BTreeMap::new();
    let roots = ["/usr/share", "/usr/lib"];
    let walks = roots
        .iter()
        .flat_map(|root| WalkDir::new(root).sort_by_file_name());
    for entry in walks.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy();
        let kind = KINDS.iter().find(|kind| name.ends_with(*kind));
        let is_small = || entry.metadata().is_ok_and(|found| found.len() <= LARGEST);
        if let Some(kind) = kind.filter(|_| entry.file_type().is_file() && is_small()) {
            kinds.entry(kind).or_default().push(entry.into_path());
        }
    }
    let some = kinds.into_values().flat_map(|files| {
        let step = files.len().div_ceil(OF_EACH);
        files.into_iter().step_by(step)
    });
    some.collect()
}

/// How a registry's own client fetches packages into the folder it runs in.
struct Registry {
    name: &'static str,
    command: &'static [&'static str],
    packages: &'static [&'static str],
}

const REGISTRIES: &[Registry] = &[
    Registry {
        name: "apt",
        command: &[
            "apt-get",
            "download",
            "-qq",
            "-o",
            "Acquire::Retries=1",
            "-o",
            "Acquire::http::Timeout=30",
        ],
        packages: &[
            "base-files",
            "bash",
            "bzip2",
            "coreutils",
            "cpio",
            "curl",
            "dash",
            "dpkg-dev",
            "fonts-dejavu-core",
            "gzip",
            "hello",
            "isolinux",
            "junit4",
            "libcommons-codec-java",
            "libcommons-io-java",
            "libcommons-lang3-java",
            "libhamcrest-java",
            "liblzma-dev",
            "libslf4j-java",
            "libzstd-dev",
            "mawk",
            "python3-requests",
            "python3-six",
            "ruby-rack",
            "sed",
            "syslinux-common",
            "tar",
            "tzdata",
            "zlib1g-dev",
        ],
    },
    Registry {
        name: "pip",
        command: &[
            "python3",
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--only-binary=:all:",
            "--disable-pip-version-check",
            "--timeout=30",
            "--retries=1",
        ],
        packages: &[
            "click",
            "cryptography",
            "flit-core",
            "hatchling",
            "lxml",
            "markupsafe",
            "numpy",
            "packaging",
            "pip",
            "poetry-core",
            "pyyaml",
            "requests",
            "ruff",
            "setuptools",
            "six",
            "wheel",
        ],
    },
    Registry {
        name: "npm",
        command: &[
            "npm",
            "pack",
            "--silent",
            "--fetch-retries=1",
            "--fetch-timeout=30000",
        ],
        packages: &[
            "chalk", "eslint", "express", "left-pad", "lodash", "react", "semver", "webpack",
            "yargs",
        ],
    },
];

/// Packages fetched by name, once for all runs; what cannot be fetched is said.
pub(crate) fn fetched() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus");
    fs::create_dir_all(&all).unwrap();
    let files = REGISTRIES.iter().flat_map(|registry| {
        let folder = all.join(registry.name);
        if !folder.exists() {
            // Only what came whole is kept.
            let fresh = tempfile::tempdir_in(&all).unwrap();
            let mut command = Command::new(registry.command[0]);
            command.args(&registry.command[1..]).args(registry.packages);
            if succeeds(command.current_dir(fresh.path())) {
                fs::rename(fresh.keep(), &folder).unwrap();
            }
        }
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path())
    });
    files.collect()
}
