using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using MemoryMesh.ServiceDefaults.Usage;

namespace MemoryMesh.Tests.Unit.Usage;

public class UsageIntervalsTests
{
    [Test]
    public void Every_quarter_hour_of_an_interval_is_in_one_bucket_and_no_other_quarter_hour_is()
        => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(500).WithQuietOnSuccess(true),
            Prop.ForAll(
                Gen.Choose(0, 3_000).ListOf(1).SelectMany(first => Gen.Choose(1, 700).ListOf(), (first, lengths) => (First: (long)first[0], Lengths: lengths)).ToArbitrary(),
                item =>
                {
                    var boundaries = new List<long> { item.First };
                    boundaries.AddRange((item.Lengths.Count == 0 ? [1] : item.Lengths).Select(length => (long)length));
                    for (var i = 1; i < boundaries.Count; i++)
                    {
                        boundaries[i] += boundaries[i - 1];
                    }

                    var intervals = new UsageIntervals(boundaries);
                    var covered = new Dictionary<int, List<long>>();
                    foreach (var (level, length) in new[] { (UsageLevel.Quarter, 1L), (UsageLevel.Hour, 4L), (UsageLevel.Day, 96L) })
                    {
                        foreach (var span in JsonSerializer.Deserialize<long[][]>(intervals.SpansOf(level))!)
                        {
                            var quarters = covered.TryGetValue((int)span[0], out var known) ? known : covered[(int)span[0]] = [];
                            for (var quarter = span[1] * length; quarter < span[2] * length; quarter++)
                            {
                                quarters.Add(quarter);
                            }
                        }
                    }

                    bool Covers(int interval, long from, long to)
                        => covered.GetValueOrDefault(interval, []).Order().SequenceEqual(Enumerable.Range(0, (int)(to - from)).Select(i => from + i));
                    return Enumerable.Range(0, intervals.Count).All(i => Covers(i, boundaries[i], boundaries[i + 1])) && Covers(-1, 0, boundaries[0]);
                }));

    [Test]
    public void A_year_of_a_zone_east_of_Greenwich_is_few_rows()
    {
        // 2025 in UTC+05:45.
        var from = UsageBuckets.QuarterOf(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.FromMinutes(345)));
        var intervals = new UsageIntervals([from, from + (365 * 96)]);
        long Rows(UsageLevel level) => JsonSerializer.Deserialize<long[][]>(intervals.SpansOf(level))!.Where(span => span[0] == 0).Sum(span => span[2] - span[1]);
        Assert.That(Rows(UsageLevel.Day), Is.EqualTo(364));
        Assert.That(Rows(UsageLevel.Hour) + Rows(UsageLevel.Quarter), Is.LessThan(30));
    }

    [Test]
    public void Sets_of_subjects_keep_what_is_put_into_them()
    {
        byte[] stored = [];
        foreach (var number in new[] { 5, 0, 4_095, 5, 64 })
        {
            stored = SubjectBits.With(stored, [number]) ?? stored;
        }

        Assert.That(SubjectBits.With(stored, [0, 4_095, 64, 5]), Is.Null);
        Assert.That(SubjectBits.With([], [3]), Has.Length.EqualTo(1));
        var all = new SubjectBits();
        all.Add(0, stored);
        all.Add(0, SubjectBits.With([], [5, 6])!);
        all.Add(7, SubjectBits.With([], [5])!);
        Assert.That(all.Count, Is.EqualTo(6));
        var both = new SubjectBits();
        both.Add(all);
        both.Add(all);
        Assert.That(both.Count, Is.EqualTo(6));
    }
}
