//! Programs, pictures, documents, boot images and Windows packages, made and read by the programs for them: binutils,
//! osslsigncode, gcab, cabextract, wixl, msiinfo, mkimage, exiftool, pdfinfo, llvm-objdump.

use crate::look::{Lab, bytes, fixture, fixtures, seen};
use std::fs;
use std::path::{Path, PathBuf};

/// 2026-01-02T03:04:06Z, and 2040-06-15T12:00:00Z.
const TODAY: &str = "2026-01-02T03:04:06Z";
const LATE: &str = "2040-06-15T12:00:00Z";

fn lines(path: &Path) -> Vec<String> {
    let seen = seen(&fs::read(path).unwrap());
    [seen.lines(), seen.told()].concat()
}

impl Lab {
    /// Two files of two days.
    fn files(&self) {
        self.run(&format!(
            "echo hi > h.txt; echo ho > late.txt; touch -d {TODAY} h.txt; touch -d {LATE} late.txt"
        ));
    }

    /// Signs a file, stamped by an authority a second later.
    fn sign(&self, name: &str) -> PathBuf {
        let authority = |name: &str, usage: &str| {
            self.run(&format!(
                "openssl req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.pem -days 9000 -subj /CN={name} \
-addext extendedKeyUsage={usage} 2>/dev/null"
            ));
        };
        authority("code", "codeSigning");
        authority("tsa", "critical,timeStamping");
        self.run(&format!(
            "osslsigncode sign -certs code.pem -key code.key -time 1767323046 -TSA-certs tsa.pem -TSA-key tsa.key \
-TSA-time 1767323047 -in {name} -out signed-{name}"
        ));
        self.path(&format!("signed-{name}"))
    }
}

#[test]
fn a_program_is_what_objdump_says() {
    let Some(lab) = Lab::with(&[
        "x86_64-w64-mingw32-gcc",
        "objdump",
        "openssl",
        "osslsigncode",
    ]) else {
        return;
    };
    lab.run("echo '__declspec(dllexport) int f(void) { return 1; }' > a.c");
    lab.run(
        "x86_64-w64-mingw32-gcc -shared -nostdlib -Wl,-e,f -Wl,--insert-timestamp a.c -o a.dll",
    );
    let said = lab.run("objdump -p a.dll | grep -i '^time/date'");
    assert!(
        said.contains("Fri Jan  2 03:04:06 2026") && said.contains("695735a6"),
        "{said}"
    );
    let bytes = fs::read(lab.path("a.dll")).unwrap();
    let plain = seen(&bytes);
    assert_eq!(
        plain.lines(),
        [format!("pe.coff {TODAY}"), format!("pe.export {TODAY}")]
    );
    assert_eq!(plain.places().len(), 2);
    // The same bytes are where objdump reads them.
    let mut changed = bytes.clone();
    let at = bytes
        .windows(4)
        .position(|word| word == 1_767_323_046_u32.to_le_bytes())
        .unwrap();
    changed[at..at + 4].copy_from_slice(&2_223_374_400_u32.to_le_bytes());
    fs::write(lab.path("b.dll"), &changed).unwrap();
    assert!(
        lab.run("objdump -p b.dll")
            .contains("Fri Jun 15 12:00:00 2040")
    );
    assert_eq!(seen(&changed).lines()[0], format!("pe.coff {LATE}"));
    assert!(
        plain.places()[0].contains(&format!("File({at})")),
        "{:?}",
        plain.places()
    );
    let signed = fs::read(lab.sign("a.dll")).unwrap();
    let said = seen(&signed);
    assert_eq!(
        said.lines()[2..],
        [
            format!("pe.signing-time {TODAY}"),
            "pe.timestamp-token 2026-01-02T03:04:07Z".to_owned()
        ]
    );
    assert!(said.places().is_empty());
    lab.run(
        "x86_64-w64-mingw32-gcc -shared -nostdlib -Wl,-e,f -Wl,--no-insert-timestamp a.c -o a.dll",
    );
    assert_eq!(lines(&lab.path("a.dll"))[0], "pe.coff unset");
}

#[test]
fn a_cabinet_is_what_cabextract_says() {
    let Some(lab) = Lab::with(&["gcab", "cabextract", "openssl", "osslsigncode"]) else {
        return;
    };
    lab.files();
    lab.run("gcab -c t.cab h.txt late.txt");
    let said = lab.run("cabextract -l t.cab");
    assert!(
        said.contains("02.01.2026 03:04:06") && said.contains("15.06.2040 12:00:00"),
        "{said}"
    );
    let bytes = fs::read(lab.path("t.cab")).unwrap();
    let found = seen(&bytes);
    assert_eq!(
        found.lines(),
        [
            format!("h.txt cab.file {TODAY}"),
            format!("late.txt cab.file {LATE}")
        ]
    );
    assert_eq!(found.places().len(), 2);
    let signed = seen(&fs::read(lab.sign("t.cab")).unwrap());
    assert_eq!(
        signed.lines()[2..],
        [
            format!("cab.signing-time {TODAY}"),
            "cab.timestamp-token 2026-01-02T03:04:07Z".to_owned()
        ]
    );
    assert!(signed.places().is_empty());
}

#[test]
fn a_package_is_what_msiinfo_says() {
    let Some(lab) = Lab::with(&["wixl", "msiinfo", "faketime", "openssl", "osslsigncode"]) else {
        return;
    };
    lab.files();
    let source = r#"<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi"><Product Name="x" Id="*" Language="1033" Version="1.0.0"
 UpgradeCode="12345678-1234-1234-1234-111111111111" Manufacturer="m"><Package InstallerVersion="200" Compressed="yes"/>
<Media Id="1" Cabinet="a.cab" EmbedCab="yes"/><Binary Id="Hook" SourceFile="late.exe"/><Directory Id="TARGETDIR" Name="SourceDir"><Component Id="c"
 Guid="12345678-1234-1234-1234-222222222222"><File Id="f" Source="h.txt" KeyPath="yes"/><File Id="g" Source="large"/></Component></Directory>
<Feature Id="F" Level="1"><ComponentRef Id="c"/></Feature></Product></Wix>"#;
    fs::write(lab.path("t.wxs"), source).unwrap();
    fs::copy(fixture("pe/late.exe"), lab.path("late.exe")).unwrap();
    // So much that the cabinet has sectors of its own.
    lab.run(&format!(
        "head -c 9000 /dev/urandom > large; touch -d {LATE} large"
    ));
    lab.run("faketime -f '@2026-01-02 03:04:06' wixl t.wxs -o t.msi");
    let said = lab.run("msiinfo suminfo t.msi");
    assert!(said.contains("Created: Fri Jan  2 03:04:06 2026"), "{said}");
    let bytes = fs::read(lab.path("t.msi")).unwrap();
    let summary = [
        format!("msi.summary.create-time {TODAY}"),
        format!("msi.summary.last-saved {TODAY}"),
    ];
    let of_summary = |lines: &[String]| -> Vec<String> {
        let mut lines: Vec<String> = lines
            .iter()
            .filter(|line| line.contains("summary"))
            .cloned()
            .collect();
        lines.sort();
        lines
    };
    assert_eq!(of_summary(&seen(&bytes).lines()), summary);
    // What is in its streams, as the program extracts them.
    lab.run("msiinfo extract t.msi a.cab > a.cab; msiinfo extract t.msi Binary.Hook > hook");
    let inside = |name: &str, file: &str| -> Vec<String> {
        let lines = lines(&lab.path(file)).into_iter();
        lines
            .map(|line| match line.split_once(' ') {
                Some((member, rest)) if !member.contains('.') => format!("{name}!{member} {rest}"),
                _ => format!("{name} {line}"),
            })
            .collect()
    };
    let theirs = [inside("Binary.Hook", "hook"), inside("a.cab", "a.cab")].concat();
    assert_eq!(theirs.len(), 4, "{theirs:?}");
    let mut ours = seen(&bytes).lines();
    ours.retain(|line| !line.contains("summary"));
    assert_eq!(ours, theirs);
    let signed = lines(&lab.sign("t.msi"));
    assert_eq!(of_summary(&signed), summary);
    for line in [
        format!("msi.signing-time {TODAY}"),
        "msi.timestamp-token 2026-01-02T03:04:07Z".to_owned(),
    ] {
        assert!(signed.contains(&line), "{signed:?}");
    }
}

#[test]
fn an_image_to_boot_is_what_mkimage_says() {
    let Some(lab) = Lab::with(&["mkimage", "dtc"]) else {
        return;
    };
    lab.files();
    lab.run("mkimage -A arm -O linux -T kernel -C none -n hello -d h.txt u.img");
    assert!(
        lab.run("mkimage -l u.img")
            .contains("Fri Jan  2 03:04:06 2026")
    );
    let bytes = fs::read(lab.path("u.img")).unwrap();
    assert_eq!(seen(&bytes).lines(), [format!("uimage.time {TODAY}")]);
    assert_eq!(seen(&bytes).places(), ["uimage.time File(8)"]);
    lab.run("mkimage -A arm -O linux -T multi -C none -n several -d u.img:h.txt m.img");
    let inner = [
        format!("uimage.time {TODAY}"),
        format!("data uimage.time {TODAY}"),
    ];
    assert_eq!(lines(&lab.path("m.img")), inner);
    let source = r#"/dts-v1/; / { description = "x"; #address-cells = <1>; images { kernel { description = "k"; data = /incbin/("u.img");
type = "kernel"; arch = "arm"; os = "linux"; compression = "none"; load = <0x8000>; entry = <0x8000>; hash { algo = "crc32"; }; }; };
configurations { default = "c"; c { kernel = "kernel"; }; }; };"#;
    fs::write(lab.path("t.its"), source).unwrap();
    lab.run("mkimage -f t.its t.itb");
    assert!(
        lab.run("mkimage -l t.itb")
            .contains("Fri Jan  2 03:04:06 2026")
    );
    let bytes = fs::read(lab.path("t.itb")).unwrap();
    let found = seen(&bytes);
    assert_eq!(
        found.lines(),
        [
            format!("fit.timestamp {TODAY}"),
            format!("kernel uimage.time {TODAY}")
        ]
    );
    assert_eq!(found.places().len(), 1, "what hashes cover stays");
    // Without images it is a device tree, and nobody dates these.
    lab.run("echo '/dts-v1/; / { timestamp = <0x695735a6>; node { }; };' | dtc -O dtb -o t.dtb -");
    assert_eq!(lines(&lab.path("t.dtb")), [""; 0]);
}

#[test]
fn the_time_of_a_picture_is_where_it_is() {
    let late = seen(&fs::read(fixture("png/late.png")).unwrap());
    assert_eq!(late.places(), ["png.time File(41)"]);
}

#[test]
fn pictures_are_what_exiftool_says() {
    let expected: [(&str, &[&str]); 6] = [
        ("late", &["png.time 2040-06-15T12:00:00Z"]),
        (
            "imagemagick",
            &[
                "png.time 2026-01-02T03:04:06Z",
                "png.date-create 2026-01-02T03:04:06Z",
                "png.date-modify 2040-06-15T12:00:00Z",
                "png.date-timestamp 2026-01-02T03:04:06Z",
            ],
        ),
        (
            "texts",
            &[
                "png.creation-time 2040-06-15T12:00:00Z",
                "png.creation-time 2026-01-02T03:04:06Z",
                "png.creation-time 2040-06-15T12:00:00Z",
                "png.creation-time 2026-01-02T08:04:06Z",
                "png.xmp.create-date 2026-01-02T03:04:06Z",
                "png.xmp.modify-date 2040-06-15T12:00:00Z",
            ],
        ),
        (
            "time-invalid",
            &["png.time invalid", "png.time 2040-06-15T12:00:59Z"],
        ),
        ("year-last", &["png.time @2005949145599.000000000"]),
        ("none", &[]),
    ];
    for (name, expected) in expected {
        assert_eq!(
            lines(&fixture(&format!("png/{name}.png"))),
            expected,
            "{name}"
        );
    }
    for name in fixtures("png", ".png") {
        let is_hostile = name.contains("hostile") && !name.contains("bomb");
        let told = seen(&bytes(&name)).told();
        assert_eq!(told.is_empty(), !is_hostile, "{name}: {told:?}");
    }
    let Some(lab) = Lab::with(&["exiftool"]) else {
        return;
    };
    for name in ["late", "imagemagick"] {
        let path = fixture(&format!("png/{name}.png"));
        let said = lab.run(&format!(
            "exiftool -s3 -PNG:ModifyDate '{}'",
            path.display()
        ));
        let found = lines(&path)[0]
            .replace("png.time ", "")
            .replace(['-', 'T'], ":")
            .replace('Z', "");
        assert_eq!(said.trim().replace(' ', ":"), found, "{name}");
    }
}

#[test]
fn documents_are_what_pdfinfo_says() {
    let info = |created: &str, changed: &str| {
        vec![
            format!("pdf.creation-date {created}"),
            format!("pdf.mod-date {changed}"),
        ]
    };
    let expected = [
        ("hostile-xref", info(TODAY, LATE)),
        ("hostile-loop", info(TODAY, LATE)),
        ("unzoned", info(TODAY, "2040-06-15T00:00:00Z")),
        ("odd", info(LATE, LATE)),
        ("wide", info("2040-06-15T16:00:00Z", TODAY)),
        ("updated", [info(TODAY, TODAY), info(TODAY, LATE)].concat()),
        ("none", Vec::new()),
    ];
    for (name, expected) in expected {
        assert_eq!(
            lines(&fixture(&format!("pdf/{name}.pdf"))),
            expected,
            "{name}"
        );
    }
    for name in ["dated", "object-streams"] {
        let mut found = lines(&fixture(&format!("pdf/{name}.pdf")));
        found.sort();
        let packet = ["create-date", "metadata-date", "modify-date"];
        let packet = packet
            .iter()
            .zip([TODAY, LATE, LATE])
            .map(|(field, at)| format!("pdf.xmp.{field} {at}"));
        let expected: Vec<String> = info(TODAY, LATE).into_iter().chain(packet).collect();
        assert_eq!(found, expected, "{name}");
    }
    let invalid = lines(&fixture("pdf/invalid.pdf"));
    assert_eq!(invalid[..2], info("invalid", "invalid"));
    assert!(
        lines(&fixture("pdf/encrypted.pdf"))
            .iter()
            .all(|line| !line.contains("invalid"))
    );
    assert!(lines(&fixture("pdf/hostile-truncated.pdf"))[0].starts_with("truncated"));
    if let Some(lab) = Lab::with(&["pdfinfo"]) {
        for name in ["hostile-xref", "hostile-loop", "dated", "object-streams"] {
            let path = fixture(&format!("pdf/{name}.pdf"));
            let said = lab.run(&format!(
                "pdfinfo -isodates '{}' 2>/dev/null",
                path.display()
            ));
            assert!(
                said.contains("2026-01-02T08:34:06+05:30") && said.contains("2040-06-15T12:00:00Z"),
                "{said}"
            );
        }
    }
}

#[test]
fn a_library_is_what_llvm_objdump_says() {
    let Some(lab) = Lab::with(&["llvm-objdump"]) else {
        return;
    };
    let words =
        |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|word| word.to_le_bytes()).collect() };
    let dylib = |kind: u32, stamp: u32| {
        [words(&[kind, 32, 24, stamp, 0, 0]), b"a.dylib\0".to_vec()].concat()
    };
    let header = words(&[0xfeed_facf, 0x0100_000c, 0, 6, 2, 64, 0, 0]);
    let bytes = [header, dylib(0xd, 1_767_323_046), dylib(0xc, 2_223_374_400)].concat();
    fs::write(lab.path("a.dylib"), &bytes).unwrap();
    let said = lab.run("llvm-objdump --macho --private-headers a.dylib");
    assert!(
        said.contains("Fri Jan  2 03:04:06 2026") && said.contains("Fri Jun 15 12:00:00 2040"),
        "{said}"
    );
    assert_eq!(
        seen(&bytes).lines(),
        [
            format!("macho.id-dylib {TODAY}"),
            format!("macho.load-dylib {LATE}")
        ]
    );
}
