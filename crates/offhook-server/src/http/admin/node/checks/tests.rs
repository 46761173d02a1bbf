use super::*;
use CheckState::{Bad, Good, Warning};

#[test]
fn each_number_is_judged_at_its_bounds() {
    let well = || Seen {
        free_bytes: Some(LITTLE_FREE_BYTES),
        heartbeat_age: Some(Duration::from_secs(5)),
        waiting_deliveries: MANY_DELIVERIES,
        dead_deliveries: 0,
        waiting_pushes: MANY_PUSHES,
    };
    let states = |seen: &Seen| -> Vec<CheckState> { judge(seen).into_iter().map(|check| check.state).collect() };
    assert_eq!(states(&well()), [Good; 4]);
    type Row = (fn(&mut Seen), usize, CheckState);
    let table: [Row; 9] = [
        (|seen| seen.free_bytes = None, 0, Bad),
        (|seen| seen.free_bytes = Some(LEAST_FREE_BYTES - 1), 0, Bad),
        (|seen| seen.free_bytes = Some(LITTLE_FREE_BYTES - 1), 0, Warning),
        (|seen| seen.heartbeat_age = None, 1, Bad),
        (|seen| seen.heartbeat_age = Some(LATE_HEARTBEAT), 1, Warning),
        (|seen| seen.heartbeat_age = Some(LOST_HEARTBEAT), 1, Bad),
        (|seen| seen.waiting_deliveries += 1, 2, Warning),
        (|seen| seen.dead_deliveries = 1, 2, Warning),
        (|seen| seen.waiting_pushes += 1, 3, Warning),
    ];
    for (change, index, state) in table {
        let mut seen = well();
        change(&mut seen);
        let mut expected = [Good; 4];
        expected[index] = state;
        assert_eq!(states(&seen), expected);
    }
}
