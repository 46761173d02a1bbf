use std::collections::BTreeMap;
use super::*;

#[test]
fn explore() {
    let n: u64 = std::env::var("N").unwrap().parse().unwrap();
    let mut bad = BTreeMap::new();
    let mut results: BTreeMap<&str,u32> = BTreeMap::new();
    for seed in 0..n {
        match run(seed, Faults::default()) {
            Ok(t) => for (k,v) in t.results { *results.entry(k).or_default() += v },
            Err(v) => { bad.entry(format!("{:?}", v.invariant)).or_insert_with(Vec::new).push((seed, v.what.clone())); }
        }
    }
    println!("{results:?}");
    for (k,v) in &bad { println!("{k}: {} e.g. {:?}", v.len(), &v[..v.len().min(4)]); }
}
#[test]
fn faulty() {
    let f = Faults::default();
    let n: u64 = std::env::var("M").unwrap().parse().unwrap();
    for (name, f) in [("nobody_polls", Faults{nobody_polls:true,..f}),("any_accept_wins",Faults{any_accept_wins:true,..f}),("commits_get_lost",Faults{commits_get_lost:true,..f}),("nobody_sweeps",Faults{nobody_sweeps:true,..f}),("silence_is_billed",Faults{silence_is_billed:true,..f}),("read_before",Faults{read_before_subscribing:true,..f}),("late_vanish",Faults{late_vanish_counts:true,..f}),("versions",Faults{nobody_compares_versions:true,..f})] {
        let mut found: BTreeMap<String,(u32,u64)> = BTreeMap::new();
        for seed in 0..n { if let Err(v) = run(seed, f) { found.entry(format!("{:?}",v.invariant)).or_insert((0,seed)).0 += 1; } }
        println!("{name}: {found:?}");
    }
}
