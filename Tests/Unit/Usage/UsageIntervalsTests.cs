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

                    return Covers(boundaries, UsageBuckets.Levels) && Covers(boundaries, UsageBuckets.FineLevels);
                }));

    [Test]
    public void A_year_of_a_zone_east_of_Greenwich_is_few_rows()
    {
        // 2025 in UTC+05:45.
        var from = UsageBuckets.QuarterOf(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.FromMinutes(345)));
        var intervals = new UsageIntervals([from, from + (365 * 96)], UsageBuckets.Levels);
        long Rows(UsageLevel level) => JsonSerializer.Deserialize<long[][]>(intervals.SpansOf(level))!.Where(span => span[0] == 0).Sum(span => span[2] - span[1]);
        Assert.That(Rows(UsageLevel.Day), Is.EqualTo(364));
        Assert.That(Rows(UsageLevel.Hour) + Rows(UsageLevel.Quarter), Is.LessThan(30));
    }

    [Test]
    public void A_day_of_a_zone_east_of_Greenwich_is_few_rows_of_a_table_with_quarter_days()
    {
        var from = UsageBuckets.QuarterOf(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.FromMinutes(345)));
        var intervals = new UsageIntervals([from, from + 96], UsageBuckets.FineLevels);
        Assert.That(
            UsageBuckets.FineLevels.SkipLast(1).Sum(level => JsonSerializer.Deserialize<long[][]>(intervals.SpansOf(level))!.Where(span => span[0] == 0).Sum(span => span[2] - span[1])),
            Is.EqualTo(3 + 5 + 3 + 1),
            "from a quarter past six in the evening in UTC: quarter hours, hours until midnight, quarter days, and the last quarter hour");
    }

    [Test]
    public void Sets_of_subjects_keep_what_is_put_into_them()
    {
        byte[] stored = [];
        foreach (var number in new[] { 5, 0, 16_383, 5, 64 })
        {
            stored = SubjectSet.With(stored, [number]) ?? stored;
        }

        Assert.That(SubjectSet.With(stored, [0, 16_383, 64, 5]), Is.Null);
        Assert.That(SubjectSet.With([], [3]), Has.Length.EqualTo(2));
        Assert.That(stored, Has.Length.EqualTo(9), "a list of four");
        var all = new SubjectSet();
        all.Add(0, stored);
        all.Add(0, SubjectSet.With([], [5, 6]));
        all.Add(7, SubjectSet.With([], [5]));
        Assert.That(all.Count, Is.EqualTo(6));
        var both = new SubjectSet();
        both.Add(all);
        both.Add(all);
        Assert.That(both.Count, Is.EqualTo(6));
    }

    [Test]
    public void A_set_of_any_size_is_read_as_it_was_written()
    {
        var random = new Random(3);
        foreach (var size in new[] { 1, 2, 100, 1_000, 1_024, 1_025, 5_000, 16_384 })
        {
            var numbers = Enumerable.Range(0, SubjectSet.ChunkSize).OrderBy(_ => random.Next()).Take(size).ToHashSet();
            var stored = SubjectSet.With([], numbers)!;
            Assert.That(stored, Has.Length.LessThanOrEqualTo(Math.Min((size * 2) + 1, (SubjectSet.ChunkSize / 8) + 1)));
            var set = new SubjectSet();
            set.Add(0, stored);
            Assert.That(set.Count, Is.EqualTo(size));
            foreach (var number in Enumerable.Range(0, 200).Select(_ => random.Next(SubjectSet.ChunkSize)))
            {
                Assert.That(SubjectSet.With(stored, [number]) is null, Is.EqualTo(numbers.Contains(number)));
            }
        }
    }

    [Test]
    public void Sets_that_were_kept_as_bits_are_taken_over()
    {
        var parts = new[] { (Chunk: 0, Places: "0,7,4095"), (Chunk: 3, Places: "1") }
            .Select(part => $"{part.Chunk}:{Convert.ToHexString(SubjectSet.BitsOf(part.Places))}");
        Assert.That(SubjectSet.OfBits(string.Join(',', parts)), Is.EqualTo(SubjectSet.With([], [0, 7, 4_095, (3 * 4_096) + 1])));
    }

    private static bool Covers(List<long> boundaries, IReadOnlyList<UsageLevel> levels)
    {
        var intervals = new UsageIntervals(boundaries, levels);
        var covered = new Dictionary<int, List<long>>();
        foreach (var level in levels.Where(level => level != UsageLevel.Ever))
        {
            foreach (var span in JsonSerializer.Deserialize<long[][]>(intervals.SpansOf(level))!)
            {
                var quarters = covered.TryGetValue((int)span[0], out var known) ? known : covered[(int)span[0]] = [];
                for (var bucket = span[1]; bucket < span[2]; bucket++)
                {
                    var length = Enumerable.Range(1, 96).First(length => UsageBuckets.BucketOf(level, length) == 1);
                    quarters.AddRange(Enumerable.Range(0, length).Select(i => (bucket * length) + i));
                }
            }
        }

        bool Has(int interval, long from, long to)
            => covered.GetValueOrDefault(interval, []).Order().SequenceEqual(Enumerable.Range(0, (int)(to - from)).Select(i => from + i));
        return Enumerable.Range(0, intervals.Count).All(i => Has(i, boundaries[i], boundaries[i + 1])) && Has(-1, 0, boundaries[0]);
    }
}
