use super::*;

#[test]
fn what_would_be_a_formula_or_break_a_record_is_only_text() {
    for (text, cell) in [
        ("anna", "anna"),
        ("", ""),
        ("a-b=c+d@e", "a-b=c+d@e"),
        ("=1+1", "\"'=1+1\""),
        ("+49 30", "\"'+49 30\""),
        ("-2", "\"'-2\""),
        ("@SUM(A1)", "\"'@SUM(A1)\""),
        ("\t=1", "\"'\t=1\""),
        ("\r=1", "\"'\r=1\""),
        ("\n=1", "\"'\n=1\""),
        (" =1", "\" =1\""),
        ("=\"a\",b", "\"'=\"\"a\"\",b\""),
        ("a,b", "\"a,b\""),
        ("say \"hi\"", "\"say \"\"hi\"\"\""),
        ("two\nlines", "\"two\nlines\""),
    ] {
        let mut out = String::new();
        record(&mut out, &[Cell::Text(text), Cell::Number(7)]);
        assert_eq!(out, format!("{cell},7\r\n"), "{text:?}");
    }
}
