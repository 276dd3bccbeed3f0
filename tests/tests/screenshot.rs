//! The pictures of the channel in the documentation are what a reader sees: the
//! script that takes them runs wherever there is a browser.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use irclog_tests::SOON;
use irclog_tests::process::Program;

#[test]
fn a_web_client_shows_the_channel_light_and_dark() {
    let has = |name: &str| {
        let found = Command::new("sh")
            .args(["-c", &format!("command -v {name}")])
            .output();
        found.is_ok_and(|found| found.status.success())
    };
    let is_root = Command::new("id").arg("-u").output();
    let is_root = is_root.is_ok_and(|id| id.stdout.starts_with(b"0"));
    if !(is_root && ["chromium", "npm", "curl", "unshare"].into_iter().all(has)) {
        println!("not run: it needs root, chromium, npm, curl and unshare");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/screenshot");
    // npm fetches some two hundred packages the first time.
    let done = Program::at(script).arg(folder.path()).run(SOON * 10);
    assert!(done.status.success(), "{done:#?}");
    let picture = |look: &str| {
        let file = folder.path().join(format!("channel-{look}.png"));
        let bytes = std::fs::read(&file).expect("a picture");
        assert!(
            bytes.starts_with(b"\x89PNG") && bytes.len() > 50_000,
            "{look}"
        );
        bytes
    };
    assert_ne!(
        picture("light"),
        picture("dark"),
        "two looks of one channel"
    );
}
