use super::*;

#[test]
fn each_check_is_a_line_and_what_is_not_well_has_its_way_out_below() {
    let text = as_text(&report(), Paint(false));
    let expected = "The server does not run.\n\
                    \n\
                    ok        http TCP 127.0.0.1:80  It is free.\n\
                    failed    store                  It is damaged.\n\
                    \x20                                → Put it back.\n";
    assert_eq!(text, expected);
}

#[test]
fn colour_changes_nothing_but_colour() {
    let painted = as_text(&report(), Paint(true));
    assert!(painted.contains("\x1b[31mfailed  \x1b[0m"), "{painted}");
    let plain = painted
        .replace("\x1b[31m", "")
        .replace("\x1b[32m", "")
        .replace("\x1b[0m", "");
    assert_eq!(plain, as_text(&report(), Paint(false)));
}

#[test]
fn where_all_is_well_it_says_so_and_where_to_go_on() {
    let mut report = report();
    report.findings.truncate(1);
    report.page = Some("http://127.0.0.1:80/doctor#key=K".to_owned());
    let text = as_text(&report, Paint(false));
    assert!(
        text.contains("All is well.") && text.ends_with("  http://127.0.0.1:80/doctor#key=K\n"),
        "{text}"
    );
}

fn report() -> Report {
    Report {
        server: "The server does not run.".to_owned(),
        findings: vec![
            Finding::ok("http TCP 127.0.0.1:80", "It is free."),
            Finding::failed("store", "It is damaged.", "Put it back."),
        ],
        page: None,
    }
}
