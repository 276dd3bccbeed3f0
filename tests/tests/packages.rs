//! What is published: each package says what it is and under which terms, is
//! small, and its README leads somewhere from wherever it is read.

use std::path::{Path, PathBuf};
use std::process::Command;

/// In the order in which they are published.
const PACKAGES: [&str; 2] = ["irclog-macros", "irclog"];

/// Bytes of a package's files, before they are compressed.
const MOST: u64 = 2 * 1024 * 1024;

fn workspace() -> PathBuf {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    top.expect("the tests are a folder of it").to_owned()
}

fn read(file: &str) -> String {
    let path = workspace().join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The files of a package, as they would be published.
fn files(package: &str) -> Vec<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "package",
            "--list",
            "--allow-dirty",
            "--locked",
            "-p",
            package,
        ])
        .current_dir(workspace())
        .output()
        .expect("cargo runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let list = String::from_utf8_lossy(&output.stdout).into_owned();
    list.lines().map(str::to_owned).collect()
}

#[test]
fn each_holds_its_sources_its_readme_and_both_licences_and_little_else() {
    for package in PACKAGES {
        let files = files(package);
        for wanted in ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "src/lib.rs"] {
            assert!(
                files.iter().any(|file| file == wanted),
                "{wanted}: {files:#?}"
            );
        }
        let made_by_cargo = ["Cargo.toml.orig", "Cargo.lock", ".cargo_vcs_info.json"];
        let own = |file: &&String| !made_by_cargo.contains(&file.as_str());
        for file in files.iter().filter(own) {
            let known = file.starts_with("src/")
                || file.starts_with("LICENSE-")
                || ["README.md", "Cargo.toml"].contains(&file.as_str());
            assert!(known, "{package} would publish {file}");
        }
        let folder = workspace().join(package);
        let bytes = |file: &String| folder.join(file).metadata().map_or(0, |file| file.len());
        let size: u64 = files.iter().filter(own).map(bytes).sum();
        assert!(size < MOST, "{package} has {size} bytes");
    }
}

#[test]
fn each_says_where_it_is_from() {
    for package in PACKAGES {
        let manifest = read(&format!("{package}/Cargo.toml"));
        for field in [
            "description",
            "license",
            "repository",
            "readme",
            "keywords",
            "categories",
        ] {
            let said = manifest
                .lines()
                .any(|line| line.starts_with(field) && line.contains('='));
            assert!(said, "{package} has no {field}");
        }
    }
}

/// A reader on a registry's page has no files beside the README.
#[test]
fn links_of_the_readmes_are_absolute_and_lead_to_what_is_there() {
    let manifest = read("Cargo.toml");
    let repository = manifest
        .lines()
        .find_map(|line| line.strip_prefix("repository = \"")?.strip_suffix('"'))
        .expect("the workspace names its repository");
    for readme in ["README.md", "irclog-macros/README.md"] {
        let text = read(readme);
        let links = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        for link in links {
            assert!(
                link.starts_with("https://"),
                "{readme}: {link} is not absolute"
            );
            let Some(rest) = link.strip_prefix(repository) else {
                continue;
            };
            let file = rest.strip_prefix("/blob/main/");
            if let Some(file) = file.or_else(|| rest.strip_prefix("/raw/main/")) {
                let file = file.split('#').next().unwrap_or_default();
                assert!(
                    workspace().join(file).is_file(),
                    "{readme}: there is no {file}"
                );
            } else {
                assert!(
                    rest.is_empty(),
                    "{readme}: {link} is no page of the repository"
                );
            }
        }
        let placeholder = "https://git.example.org/";
        assert!(
            repository.starts_with(placeholder) || !text.contains(placeholder),
            "{readme} still leads to {placeholder}: write {repository}"
        );
    }
}

/// The settings that README's table names.
fn settings() -> Vec<String> {
    let readme = read("README.md");
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `"));
    let names = rows.filter_map(|row| row.split('`').next());
    names
        .filter(|name| name.starts_with("IRC"))
        .map(str::to_owned)
        .collect()
}

/// A file that is copied as it is must not set what nobody reads.
#[test]
fn what_is_deployed_and_told_sets_what_there_is() {
    let known = settings();
    assert!(known.len() > 20, "{known:?}");
    // Read by the wrapper in the same folder, not by irclog.
    let others = ["IRCLOG_ENV"];
    for folder in ["deploy", "docs"] {
        let files = std::fs::read_dir(workspace().join(folder)).expect("a folder");
        let files = files.map(|file| file.expect("a readable folder").path());
        for file in files.filter(|file| file.is_file()) {
            let text = std::fs::read(&file).expect("a file");
            let text = String::from_utf8_lossy(&text);
            let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            let words = text.split(|c: char| !is_name(c));
            for name in words.filter(|word| word.starts_with("IRC_") || word.starts_with("IRCLOG_"))
            {
                let base = name.strip_suffix("_FILE").unwrap_or(name);
                // `IRC_*` stands for all of them.
                let is_known = name.ends_with('_')
                    || known.iter().any(|known| known == name || known == base)
                    || others.contains(&name);
                assert!(is_known, "{} names {name}", file.display());
            }
        }
    }
}
