//! What can be in the way of a record: links, directories, full disks, other processes.

use crate::harness::{
    PLACE, available, folder, place, record, shell, shell_command, succeeds, told,
};
use rustix::process::{Pid, Signal, kill_process_group};
use skewgate::record::load;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;

#[test]
fn a_link_in_its_place_is_not_followed() {
    let root = folder();
    let outside = folder();
    let target = outside.path().join("target");
    for text in [None, Some("precious")] {
        if let Some(text) = text {
            fs::write(&target, text).unwrap();
        }
        for (link, at, said) in [
            (target.clone(), "l.json", "it is a link"),
            (target.clone(), ".r.json.lock", "it is a link"),
        ] {
            let path = root.path().join(at);
            symlink(link, &path).unwrap();
            let name = if at == "l.json" { at } else { "r.json" };
            told(root.path(), &["begin", "--record", name, "--new"]).expect(2, &[name, said]);
            assert!(path.is_symlink());
            fs::remove_file(path).unwrap();
        }
        assert_eq!(fs::read_to_string(&target).ok().as_deref(), text);
    }
    symlink(outside.path(), root.path().join(".skewgate")).unwrap();
    told(root.path(), &["begin"]).expect(2, &["`.skewgate`", "only a link"]);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
}

#[test]
fn a_planted_link_beside_it_is_replaced_and_never_written_through() {
    let root = folder();
    let target = root.path().join("target");
    fs::write(&target, "precious").unwrap();
    let beside = [
        ".a.json.skewgate-new",
        "a.json.sig",
        "a.previous.json",
        ".a.previous.json.skewgate-new",
    ];
    for name in beside {
        symlink(&target, root.path().join(name)).unwrap();
    }
    for _ in 0..2 {
        told(root.path(), &["begin", "--record", "a.json", "--new"]).expect(0, &[]);
    }
    assert!(load(&root.path().join("a.json")).is_ok());
    assert!(load(&root.path().join("a.previous.json")).is_ok());
    assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
}

#[test]
fn what_is_no_file_is_named() {
    let root = folder();
    fs::create_dir(root.path().join("d.json")).unwrap();
    assert!(succeeds(
        "mkfifo",
        &[root.path().join("f.json").to_str().unwrap()]
    ));
    for (name, said) in [
        ("d.json", "it is a directory"),
        ("f.json", "neither a file nor a directory"),
        ("missing/r.json", "there is no such folder"),
    ] {
        for command in [
            ["begin", "--record", name].as_slice(),
            &["run", "--record", name, "--", "touch", "ran"],
        ] {
            told(root.path(), command).expect(2, &[name, said, "--record FILE"]);
        }
    }
    assert!(
        !root.path().join("ran").exists(),
        "nothing is built that cannot be recorded"
    );
}

#[test]
fn what_is_too_long_for_a_record_is_not_thrown_away() {
    let root = folder();
    let file = fs::File::create(root.path().join("r.json")).unwrap();
    file.set_len((16 << 20) + 1).unwrap();
    let args = ["begin", "--new", "--record", "r.json"];
    told(root.path(), &args).expect(2, &["name another", "more than 16 MiB"]);
    assert_eq!(file.metadata().unwrap().len(), (16 << 20) + 1);
}

/// A script where it may mount without anybody else seeing it.
fn with_mounts(script: &str) -> Option<String> {
    let how = if rustix::process::getuid().is_root() {
        "-m"
    } else {
        "-rm"
    };
    let permitted = succeeds("unshare", &[how, "mount", "-t", "tmpfs", "none", "/mnt"]);
    available("mounts: root or user namespaces", permitted)
        .then(|| format!("unshare {how} bash -ec '{script}'"))
}

#[test]
fn on_a_full_disk_the_old_record_stays() {
    let root = folder();
    let script = r#"mkdir disk; mount -t tmpfs -o size=24k none disk; cd disk
        "$skewgate" begin --record r.json; cp r.json ../before.json
        (cat /dev/zero > fill) 2>/dev/null || true
        ! "$skewgate" end --record r.json; ! "$skewgate" begin --new --record r.json
        cmp r.json ../before.json; ls -A"#;
    let Some(script) = with_mounts(script) else {
        return;
    };
    let told = shell(root.path(), &script);
    told.expect(
        0,
        &[
            "cannot write the record `r.json`",
            "No space left on device",
        ],
    );
    assert_eq!(told.stdout, ".r.json.lock\nfill\nr.json\n");
    assert!(load(&root.path().join("before.json")).is_ok());
}

#[test]
fn on_a_full_disk_a_build_goes_on_but_does_not_pass() {
    let root = folder();
    let script = r#"mkdir disk; mount -t tmpfs -o size=24k none disk; cd disk
        "$skewgate" run --no-audit --record r.json -- sh -c "(cat /dev/zero > fill) 2>/dev/null; echo built"; echo $?"#;
    let Some(script) = with_mounts(&script.replace("; echo $?", " && echo passed || echo $?"))
    else {
        return;
    };
    let told = shell(root.path(), &script);
    told.expect(0, &["cannot write the record", "No space left on device"]);
    assert_eq!(told.stdout, "built\n2\n");
}

#[test]
fn where_nothing_can_be_written_that_is_said() {
    let root = folder();
    let script = r#"mkdir disk; mount -t tmpfs none disk; cd disk; "$skewgate" begin --record r.json
        mount -o remount,ro none .; cd ../disk
        ! "$skewgate" begin --record s.json; ! "$skewgate" end --record r.json"#;
    let Some(script) = with_mounts(script) else {
        return;
    };
    let read_only = "Read-only file system";
    shell(root.path(), &script).expect(0, &["record `s.json`", "record `r.json`", read_only]);
}

#[test]
fn another_process_is_waited_for_but_not_for_ever() {
    let root = folder();
    told(root.path(), &["begin"]).expect(0, &[]);
    if !available("flock(1)", succeeds("flock", &["--version"])) {
        return;
    }
    let hold = |seconds: u32| {
        let script =
            format!("exec flock .skewgate/.record.json.lock sh -c 'echo held; sleep {seconds}'");
        let mut command = shell_command(root.path(), &script);
        let mut child = command
            .stdout(std::process::Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut word = [0; 4];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut word).unwrap();
        child
    };
    let mut briefly = hold(1);
    told(root.path(), &["end"]).expect(0, &["the build ended"]);
    briefly.wait().unwrap();
    let mut long = hold(60);
    let said = [
        "another process has been changing the record",
        "for more than 10 s",
        PLACE,
    ];
    told(root.path(), &["begin"]).expect(2, &said);
    // What it runs holds it as well.
    let group = Pid::from_raw(i32::try_from(long.id()).unwrap()).unwrap();
    kill_process_group(group, Signal::KILL).unwrap();
    long.wait().unwrap();
    assert!(place(root.path()).exists() && !record(root.path()).is_open());
}
