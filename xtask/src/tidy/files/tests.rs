use super::{Tracked, problems};

#[test]
fn mod_rs_and_vague_names_are_problems_and_telling_names_are_not() {
    assert_eq!(
        problems(&file("a/mod.rs", "")),
        ["a/mod.rs: `foo.rs` beside `foo/`, never `mod.rs`"]
    );
    for path in [
        "src/utils.rs",
        "web/sdk/src/common.ts",
        "e2e/helpers.mjs",
        "src/types.rs",
    ] {
        let found = problems(&file(path, ""));
        assert!(
            found.len() == 1 && found[0].contains("says nothing"),
            "{path}: {found:?}"
        );
    }
    assert!(problems(&file("src/ring.rs", "")).is_empty());
    assert!(problems(&file("web/sdk/src/types.ts", "")).is_empty());
    assert!(problems(&file("docs/common.md", "")).is_empty());
}

#[test]
fn a_production_file_of_more_than_500_lines_is_a_problem() {
    let long = "x\n".repeat(501);
    assert_eq!(
        problems(&file("src/call.rs", &long)),
        ["src/call.rs: 501 lines, more than 500: split it"]
    );
    for free in [
        "src/call/tests.rs",
        "tests/socket/dial.rs",
        "src/call.test.ts",
        "web/sdk/src/generated/A.ts",
        "README.md",
    ] {
        assert!(problems(&file(&format!("crates/{free}"), &long)).is_empty(), "{free}");
    }
    assert!(problems(&file("src/call.rs", &"x\n".repeat(500))).is_empty());
}

#[test]
fn unfinished_work_names_its_issue() {
    let mark = super::UNFINISHED[0];
    let found = problems(&file("src/a.rs", &format!("fine\n// {mark}: later")));
    assert_eq!(
        found,
        [format!("src/a.rs: line 2: {mark} without the number of an issue")]
    );
    assert!(problems(&file("src/a.rs", &format!("// {mark}(#12): later"))).is_empty());
    assert!(problems(&file("src/a.rs", &format!("// {mark} (issue 3): later"))).is_empty());
    assert!(problems(&file("src/a.rs", &format!("let {mark}LIST = 1;"))).is_empty());
}

#[test]
fn a_path_of_one_machine_is_a_problem_and_a_longer_word_is_not() {
    let folder = super::MACHINE_FOLDERS[0];
    let found = problems(&file("README.md", &format!("see {folder}main")));
    assert_eq!(
        found,
        [format!("README.md: line 1: names a folder of one machine: {folder}")]
    );
    assert!(problems(&file("README.md", &format!("see frame{folder}main"))).is_empty());
}

#[test]
fn a_lock_of_cargo_names_crates_io_only() {
    let ours = "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    assert!(problems(&file("Cargo.lock", ours)).is_empty());
    let mirror = "source = \"registry+https://mirror.example/index\"\n";
    assert_eq!(
        problems(&file("Cargo.lock", mirror)),
        ["Cargo.lock: a package comes from elsewhere than crates.io: \"registry+https://mirror.example/index\""]
    );
}

#[test]
fn a_lock_of_npm_names_no_host() {
    let silent = r#"{"packages": {"node_modules/a": {"version": "1.0.0"}, "node_modules/b": {"resolved": "../b"}}}"#;
    assert!(problems(&file("web/sdk/package-lock.json", silent)).is_empty());
    let telling = r#"{"packages": {"node_modules/a": {"resolved": "https://registry.example/a.tgz"}}}"#;
    let found = problems(&file("web/sdk/package-lock.json", telling));
    assert!(found.len() == 1 && found[0].contains("names the host"), "{found:?}");
}

fn file(path: &str, text: &str) -> Tracked {
    Tracked {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}
