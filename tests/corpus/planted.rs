//! A time from the future is found in every format, under the name of its member.

use crate::build::{bflt, catalogue, font};
use crate::harness::{CLOCK, audit, file, fixture, found, succeeds};
use serde_json::Value;
use skewgate::format::FORMATS;
use std::path::PathBuf;
use std::process::Command;

/// A time from the future: the format it tests, the file that it is in, its member and field.
struct Planted(&'static str, &'static str, &'static str, &'static str);

/// Formats that are told of and not read, so that no time of theirs can be found.
const UNREAD: &[&str] = &["compress"];

/// Files that programs made or that were crafted, of `fixtures/formats`.
const PLANTED: &[Planted] = &[
    Planted("pyc", "pyc/python27.pyc", "", "pyc.source"),
    Planted(
        "package",
        "conda/hello-1.0-0.tar.bz2",
        "info/index.json",
        "package.conda-timestamp",
    ),
    Planted(
        "properties",
        "jar/dated.jar",
        "META-INF/build-info.properties",
        "properties.build-time",
    ),
    Planted("zip", "zip/infozip.zip", "late.txt", "zip.central.ut.mtime"),
    Planted("zip", "zip/7zip.zip", "late.txt", "zip.central.ntfs.mtime"),
    Planted("zip", "zip/python.zip", "late.txt", "zip.central"),
    Planted("zip", "zip/selfextract.exe", "late.txt", "zip.central"),
    Planted("zip", "zip/disagree.zip", "ut.txt", "zip.local.ut.mtime"),
    Planted(
        "zip",
        "wheel/hello-1.0-py3-none-any.whl",
        "hello_late.py",
        "zip.central",
    ),
    Planted("zip", "apk/signed.apk", "classes.dex", "zip.central"),
    Planted("tar", "tar/ustar.tar", "late.txt", "tar.mtime"),
    Planted("tar", "tar/v7.tar", "late.txt", "tar.mtime"),
    Planted("tar", "tar/bsdtar-pax.tar", "./late.txt", "tar.pax.mtime"),
    Planted(
        "tar",
        "tar/hello-1.0.crate",
        "hello-1.0/src/late.rs",
        "tar.mtime",
    ),
    Planted("tar", "tar/hello-1.0.0.tgz", "package/late.js", "tar.mtime"),
    Planted(
        "tar",
        "nesting/mixed.zip",
        "jar.jar!data.tar.gz!late.txt",
        "tar.mtime",
    ),
    Planted(
        "ar",
        "ar/libhello.a",
        "late_member_with_a_long_name.o",
        "ar.date",
    ),
    Planted("ar", "deb/hello_1.0-1_all.deb", "control.tar.xz", "ar.date"),
    Planted(
        "tar",
        "deb/hello_1.0-1_all.deb",
        "data.tar.xz!./usr/share/doc/hello/late.txt",
        "tar.mtime",
    ),
    Planted("cpio", "cpio/newc.cpio", "late.txt", "cpio.mtime"),
    Planted(
        "cpio",
        "cpio/initramfs.img",
        "(after the trailer)!late.txt",
        "cpio.mtime",
    ),
    Planted("rpm", "rpm/hello-1.0-1.noarch.rpm", "", "rpm.build-time"),
    Planted(
        "rpm",
        "rpm/hello-1.0-1.noarch.rpm",
        "/usr/share/hello/late.txt",
        "rpm.file-mtime",
    ),
    Planted(
        "cpio",
        "rpm/hello-1.0-1.noarch.rpm",
        "payload!./usr/share/hello/late.txt",
        "cpio.mtime",
    ),
    Planted(
        "package",
        "alpine/hello-1.0-r0.apk",
        ".PKGINFO",
        "package.builddate",
    ),
    Planted(
        "package",
        "gem/hello-1.0.gem",
        "metadata.gz",
        "package.gem-date",
    ),
    Planted("gzip", "gzip/late.gz", "", "gzip.mtime"),
    Planted("gzip", "gzip/members.gz", "", "gzip.mtime"),
    Planted("xz", "tar/pair.tar.xz", "late.txt", "tar.mtime"),
    Planted("lzma", "tar/pair.tar.lzma", "late.txt", "tar.mtime"),
    Planted("zstd", "tar/pair.tar.zst", "late.txt", "tar.mtime"),
    Planted("bzip2", "tar/pair.tar.bz2", "late.txt", "tar.mtime"),
    Planted("lz4", "tar/pair.tar.lz4", "late.txt", "tar.mtime"),
    Planted("pe", "pe/late.exe", "", "pe.coff"),
    Planted("pe", "pe/signed.exe", "", "pe.signing-time"),
    Planted("macho", "macho/liblate.dylib", "", "macho.id-dylib"),
    Planted("msi", "msi/hello.msi", "", "msi.summary.last-saved"),
    Planted("cab", "cab/hello.cab", "late.txt", "cab.file"),
    Planted("pyc", "pyc/late.pyc", "", "pyc.source"),
    Planted("png", "png/late.png", "", "png.time"),
    Planted(
        "office",
        "ooxml/report.docx",
        "docProps/core.xml",
        "office.modified",
    ),
    Planted("office", "ooxml/report.odt", "meta.xml", "office.modified"),
    Planted(
        "properties",
        "jar/dated.jar",
        "git.properties",
        "properties.commit-time",
    ),
    Planted("sbom", "sbom/hello.spdx.json", "", "sbom.created"),
    Planted("sbom", "sbom/hello.cdx.json", "", "sbom.created"),
    Planted(
        "attestation",
        "attestation/slsa-v1.json",
        "",
        "attestation.finished",
    ),
    Planted(
        "attestation",
        "attestation/bundle.sigstore.json",
        "",
        "attestation.logged",
    ),
    Planted(
        "debian",
        "deb/hello_1.0-1_all.buildinfo",
        "",
        "debian.build-date",
    ),
    Planted("debian", "deb/hello_1.0-1_all.changes", "", "debian.date"),
    Planted(
        "iso9660",
        "iso/rockridge.iso.gz",
        "late.txt",
        "iso9660.recorded",
    ),
    Planted(
        "squashfs",
        "squashfs/zstd.squashfs",
        "late.txt",
        "squashfs.mtime",
    ),
    Planted("ext", "ext/late.ext4.gz", "", "ext.mkfs-time"),
    Planted("uimage", "uboot/late.uimage", "", "uimage.time"),
    Planted("fit", "uboot/late.itb", "", "fit.timestamp"),
    Planted(
        "oci",
        "oci/layout.tar",
        "blobs/sha256/4404601dbd4a99fa4789665e4d1d85d25d89ed7193ae09ea6c6e88f601056576",
        "oci.created",
    ),
];

/// Files that are made here, and are found all the same.
const MADE: &[Planted] = &[
    Planted("font", "late.ttf", "", "font.modified"),
    Planted("bflt", "late.bflt", "", "bflt.build"),
    Planted("gettext", "late.mo", "", "gettext.po-revision-date"),
];

/// Dates in text that anybody may have written about anything: they are possible, and never proven.
const TEXTS: &[Planted] = &[
    Planted("pdf", "dated.pdf", "", "pdf.mod-date"),
    Planted(
        "manifest",
        "jar/dated.jar",
        "META-INF/MANIFEST.MF",
        "manifest.date",
    ),
    Planted("javadoc", "late.html", "", "javadoc.generated"),
];

/// 2040-06-15T12:00:00Z.
const LATE: i64 = 2_223_374_400;

/// Every file of the tables, with those of them that are made.
fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    let plant = |name: &str, bytes: &[u8]| file(folder, name, bytes);
    let header = "PO-Revision-Date: 2040-06-15 14:00+0200\n";
    let pdf = "%PDF-1.4\n1 0 obj\n<< /ModDate (D:20400615120000Z) >>\nendobj\ntrailer\n<< /Info 1 0 R >>\n%%EOF\n";
    let page =
        "<!DOCTYPE HTML>\n<!-- Generated by javadoc (17) on Fri Jun 15 12:00:00 UTC 2040 -->\n";
    let made = [
        plant("late.ttf", &font(LATE)),
        plant("late.bflt", &bflt(LATE.try_into().unwrap())),
        plant("late.mo", &catalogue(header)),
        plant("dated.pdf", pdf.as_bytes()),
        plant("late.html", page.as_bytes()),
        fixture("jar/dated.jar"),
    ];
    let fixtures = PLANTED.iter().map(|planted| fixture(planted.1));
    let mut files: Vec<PathBuf> = fixtures.chain(made).collect();
    files.sort();
    files.dedup();
    files
}

/// How sure it is of a planted time; `None` where it was not found.
fn certainty(report: &Value, planted: &Planted) -> Option<String> {
    let Planted(_, path, member, field) = *planted;
    let is = |finding: &&Value, key: &str, value: &str| {
        finding[key].as_str().unwrap_or_default() == value
    };
    let mut findings = report["findings"].as_array().unwrap().iter();
    let finding = findings.find(|finding| {
        is(finding, "rule", "future-member")
            && finding["path"]
                .as_str()
                .unwrap()
                .ends_with(&format!("/{path}"))
            && is(finding, "member", member)
            && is(finding, "field", field)
    })?;
    finding["certainty"].as_str().map(str::to_owned)
}

#[test]
fn a_time_from_the_future_is_found_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let report = audit(&files(folder.path()), CLOCK, &["--strict"], &[]);
    let mut wrong = Vec::new();
    let proven = PLANTED
        .iter()
        .chain(MADE)
        .map(|planted| (planted, "proven"));
    let possible = TEXTS.iter().map(|planted| (planted, "possible"));
    for (planted, wanted) in proven.chain(possible) {
        let Planted(_, path, member, field) = planted;
        let is = certainty(&report, planted);
        if is.as_deref() != Some(wanted) {
            wrong.push(format!("{path}!{member} {field}: {is:?} and not {wanted}"));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn every_format_has_a_time_planted() {
    let tables = [PLANTED, MADE, TEXTS];
    let is_planted = |name: &str| {
        tables
            .iter()
            .copied()
            .flatten()
            .any(|planted| planted.0 == name)
    };
    let lack = FORMATS.iter().map(|format| format.name);
    let lack = lack.filter(|name| !UNREAD.contains(name));
    let lack: Vec<&str> = lack.filter(|name| !is_planted(name)).collect();
    assert_eq!(
        lack, [""; 0],
        "plant a time from the future in these formats"
    );
    for Planted(format, ..) in tables.into_iter().flatten() {
        assert!(skewgate::format::find(format).is_some(), "{format}");
    }
}

#[test]
fn a_time_from_the_future_is_found_three_archives_deep() {
    let folder = tempfile::tempdir().unwrap();
    let script = "
import os, zipfile
os.makedirs('p/DEBIAN'); os.makedirs('p/usr/share')
open('p/DEBIAN/control', 'w').write('Package: p\\nVersion: 1\\nArchitecture: all\\nMaintainer: A <a@b>\\nDescription: p\\n')
with zipfile.ZipFile('p/usr/share/app.jar', 'w', zipfile.ZIP_DEFLATED) as jar:
    jar.writestr(zipfile.ZipInfo('a.txt', (2026, 1, 2, 3, 4, 6)), 'a')
    jar.writestr(zipfile.ZipInfo('META-INF/MANIFEST.MF', (2040, 6, 15, 12, 0, 0)), 'Manifest-Version: 1.0\\n')
";
    let run = |program: &str, args: &[&str]| {
        succeeds(Command::new(program).args(args).current_dir(folder.path()))
    };
    let works = run("python3", &["-c", script])
        && run(
            "dpkg-deb",
            &["-Zxz", "--root-owner-group", "--build", "p", "outer.deb"],
        );
    if !works {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI needs python3 and dpkg-deb"
        );
        return;
    }
    let report = audit(&[folder.path().join("outer.deb")], CLOCK, &[], &[]);
    let member = "data.tar.xz!./usr/share/app.jar!META-INF/MANIFEST.MF";
    let expected = [(member.to_owned(), "proven".to_owned())];
    assert_eq!(found(&report, "future-member"), expected);
    assert_eq!(report["verdict"], "fail");
}
