//! Who else was looked at, and why they have no row.

/// Somebody who has no row.
#[derive(Debug, Clone, Copy)]
pub struct Other {
    /// What it is called.
    pub name: &'static str,
    /// Why it has none.
    pub why: Why,
    /// Where that was seen, or what it would take.
    pub what: &'static str,
}

/// Why somebody has no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It was read, and checks no times.
    Unchecked,
    /// It checks times, and files do not tell what it goes by.
    Undecidable,
    /// It could not be read.
    Unread,
}

impl Why {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Unchecked, Self::Undecidable, Self::Unread];
}

const fn unchecked(name: &'static str, what: &'static str) -> Other {
    Other {
        name,
        why: Why::Unchecked,
        what,
    }
}

const fn undecidable(name: &'static str, what: &'static str) -> Other {
    Other {
        name,
        why: Why::Undecidable,
        what,
    }
}

const fn unread(name: &'static str, what: &'static str) -> Other {
    Other {
        name,
        why: Why::Unread,
        what,
    }
}

/// Everybody who has no row.
pub const OTHERS: &[Other] = &[
    unchecked(
        "PyPI",
        "pypi/warehouse@6b621571 warehouse/forklift/legacy.py, utils/zipfiles.py: reads no times",
    ),
    unchecked(
        "twine",
        "pypa/twine@f536ac5d: opens archives, never reads times",
    ),
    unchecked(
        "pip",
        "pypa/pip@6d309205 src/pip/_internal/utils/unpacking.py:354: takes tar times over as they are",
    ),
    unchecked(
        "npm",
        "npm/cli@780afc50, npm/pacote@3b5c462a: unpacks without times; the registry is closed",
    ),
    unchecked(
        "crates.io",
        "rust-lang/crates.io@57fa0006 crates/crates_io_tarball/src/lib.rs:75-236: reads no times",
    ),
    unchecked(
        "RubyGems.org",
        "rubygems/rubygems.org@3c8ea0d4 app/models/version.rb: keeps the date of the specification, unchecked",
    ),
    unchecked(
        "addons-linter",
        "mozilla/addons-linter@5b505db7 src: reads no times",
    ),
    unchecked(
        "F-Droid",
        "f-droid/fdroidserver@00932d0a: its check was removed in 9609cbb0",
    ),
    unchecked(
        "apk-tools",
        "alpinelinux/apk-tools@90b974fd src: the build's time is only told",
    ),
    unchecked(
        "conda",
        "conda/conda-package-handling@3832e817 src: only a strict comparison of two packages",
    ),
    unchecked(
        "Go modules",
        "golang/mod@fe2ec04f zip/zip.go: never reads the times in a zip",
    ),
    unchecked(
        "vsce, Open VSX",
        "microsoft/vscode-vsce@70ca6ac2, eclipse/openvsx@9cf4058d: no check",
    ),
    unchecked(
        "dpkg, dpkg-source",
        "guillemj/dpkg@c5efef92 src/deb/extract.c:375: has tar not warn",
    ),
    unchecked(
        "Packagist",
        "composer/packagist@31ecf359 src: the date of a release is kept and sorted by",
    ),
    unchecked(
        "PAUSE (CPAN)",
        "andk/pause@9c4a7b05 lib/PAUSE/dist.pm:105-150: only notices that its own file changed",
    ),
    unchecked(
        "OBS build",
        "openSUSE/obs-build@99e6f465, obs-service-tar_scm@b04bf50e: no check",
    ),
    unchecked("Gentoo portage", "gentoo/portage@a20ef27a: no check"),
    unchecked(
        "snap review-tools",
        "anonymouse64/review-tools@5a406a7c (2022): warns only if the time cannot be read",
    ),
    unchecked(
        "Ansible unarchive",
        "ansible/ansible@00b36d9a: clamps the dates of zip",
    ),
    undecidable(
        "codesign of today",
        "closed; the row goes by Apple's last open release",
    ),
    undecidable(
        "dak, old signatures",
        "a .changes that was signed more than 365 days ago: times in order are not kept",
    ),
    undecidable(
        "lintian, gzip",
        "goes by the changelog inside the package, which is not read",
    ),
    undecidable(
        "rpmlint, .pyc; namcap",
        "compare a .pyc with the time of its source, both of which may be in order",
    ),
    undecidable(
        "rpmbuild",
        "compares entries of a specification's changelog with each other",
    ),
    undecidable(
        "rpm without sequoia",
        "looks only at signatures that expire, and at the time of the key",
    ),
    undecidable(
        "sequoia",
        "refuses signatures more than 30 min ahead (wiktor-k/sequoia@7916f904); which files it verifies, they do not say, and that of sqv, by which apt verifies, was not read",
    ),
    undecidable("apt, Valid-Until", "depends on when somebody updates"),
    undecidable(
        "GnuPG",
        "compares the time of the key with that of the signature and with its clock",
    ),
    undecidable(
        "jarsigner, cosign, sigstore-go, signed gems",
        "go by when certificates begin and end, which are not read",
    ),
    undecidable(
        "slsa-verifier",
        "refuses that a builder which it does not trust states any time; whom it trusts, the file does not say",
    ),
    undecidable("TUF", "goes by when metadata expires"),
    undecidable(
        "ostree, flatpak",
        "refuse what is older than what is installed: a release of a clock that was ahead makes the next one older",
    ),
    undecidable(
        "Android OTA",
        "refuses what is older than what is installed, as ostree does",
    ),
    undecidable(
        "Maven, Spring Boot, jar --date",
        "check the stated time (project.build.outputTimestamp), not files",
    ),
    undecidable("Software Heritage", "checks the dates of git"),
    undecidable(
        "PEAR",
        "compares the date in package.xml with the day of packing, in its zone",
    ),
    unread(
        "Debian's archive since 2023-03",
        "its mirror ends there; so do the rows of dak",
    ),
    unread("Launchpad itself", "a developer's clone was read"),
    unread(
        "npm's registry, Chrome Web Store, Google Play, VS Code Marketplace, Maven Central",
        "closed",
    ),
    unread(
        "Microsoft Partner Center, signtool, WinGet, Snap Store, Apple's notary, CTAN",
        "closed",
    ),
    unread("sqv, sequoia-sqv", "not available"),
    unread(
        "pacman, apksigner, Homebrew, abuild, debsig-verify, rekor, osslsigncode, zypper",
        "not available, or not reached",
    ),
    unread(
        "addons.mozilla.org",
        "only old versions were read: names and sizes",
    ),
    unread(
        ".NET Framework's ZipArchive",
        "NuGet Gallery runs on it; what was read is that of .NET",
    ),
    unread("OBS server", "not reached"),
];
