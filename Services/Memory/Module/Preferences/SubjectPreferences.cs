namespace MemoryMesh.Memory.Preferences;

/// <summary>Something that a message or a reaction tells about how a subject writes, or wants to be answered.</summary>
/// <param name="Trait">One of <see cref="PreferenceTraits"/>.</param>
/// <param name="Value">One of its values.</param>
/// <param name="Weight">How much it tells: 1 for a request for this kind of answer, less for what the way of writing hints at.</param>
internal readonly record struct Observation(string Trait, string Value, double Weight);

/// <summary>What is kept of a subject's preferences.</summary>
internal sealed record SubjectPreferences
{
    /// <summary>What an observation leaves of the weight of the earlier ones of its trait: after 10 contradictions they count half.</summary>
    public const double Fading = 0.933;

    /// <summary>Weight at which half of the share of a value is believed.</summary>
    private const double Doubt = 1.5;

    /// <summary>Least confidence at which an observed value is told.</summary>
    private const double LeastConfidence = 0.5;

    /// <summary>Confidence in what was said or set; observations against it lower it.</summary>
    private const double StatedConfidence = 0.95;

    private const double MostContradiction = 0.35;
    private const int KeptMessages = 3;

    /// <summary>Part of all messages that falls into the active hours.</summary>
    private const double ActivePart = 0.7;

    /// <summary>Messages before hours are told, about.</summary>
    private const double LeastHours = 8;

    /// <summary>Counts what is set and reset, from 1; observations do not count.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Values that were set through the API, by trait.</summary>
    public IReadOnlyDictionary<string, SetValue> Set { get; init; } = new Dictionary<string, SetValue>();

    /// <summary>Weights of observed values, by trait and value.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, ObservedValue>> Observed { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, ObservedValue>>();

    /// <summary>Weights of the 24 hours of the day in UTC.</summary>
    public IReadOnlyList<double> Hours { get; init; } = [];

    /// <summary>The newest message that was observed: what is delivered again is not observed again.</summary>
    public Guid LastMessage { get; init; }

    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>With what a message tells.</summary>
    public SubjectPreferences Observe(IEnumerable<Observation> observations, Guid? messageId, DateTimeOffset at)
    {
        var observed = Observed.ToDictionary(trait => trait.Key, trait => trait.Value, StringComparer.Ordinal);
        foreach (var (trait, value, weight) in observations)
        {
            var values = (observed.GetValueOrDefault(trait) ?? new Dictionary<string, ObservedValue>())
                .ToDictionary(known => known.Key, known => known.Value with { Weight = known.Value.Weight * Math.Pow(Fading, weight) }, StringComparer.Ordinal);
            var known = values.GetValueOrDefault(value) ?? new ObservedValue();
            values[value] = known with
            {
                Weight = known.Weight + weight,
                Count = known.Count + 1,
                At = at,
                Messages = messageId is { } id ? [.. known.Messages.TakeLast(KeptMessages - 1), id] : known.Messages,
            };
            observed[trait] = values;
        }

        return this with { Observed = observed, UpdatedAt = at };
    }

    /// <summary>With the time of a message.</summary>
    public SubjectPreferences ObserveHour(DateTimeOffset at)
    {
        const double HourFading = 0.99;
        var hours = new double[24];
        for (var hour = 0; hour < hours.Length; hour++)
        {
            hours[hour] = (hour < Hours.Count ? Hours[hour] * HourFading : 0) + (hour == at.UtcDateTime.Hour ? 1 : 0);
        }

        return this with { Hours = hours };
    }

    /// <summary>What is preferred, by trait; a trait that nothing is known of is left out.</summary>
    /// <param name="stated">What the subject said in words, the newest first.</param>
    public IReadOnlyDictionary<string, Preference> Resolve(IReadOnlyList<StatedWish> stated)
    {
        var resolved = new Dictionary<string, Preference>(StringComparer.Ordinal);
        foreach (var (trait, _) in PreferenceTraits.All)
        {
            var wish = stated.FirstOrDefault(wish => wish.Trait == trait);
            var set = Set.GetValueOrDefault(trait);
            var preference = set is not null && (wish is null || set.At >= wish.At)
                ? new Preference(set.Value, PreferenceSource.Set, Explicit(trait, set.Value), 1, [], [], set.At)
                : wish is not null
                ? new Preference(
                    wish.Value,
                    PreferenceSource.Stated,
                    Explicit(trait, wish.Value),
                    1,
                    [.. stated.Where(other => other.Trait == trait && other.Value == wish.Value).Select(other => other.MemoryId)],
                    [],
                    wish.At)
                : trait == PreferenceTraits.ActiveHours ? Active() : Best(trait);
            if (preference is not null)
            {
                resolved[trait] = preference;
            }
        }

        return resolved;
    }

    private double Explicit(string trait, string value)
    {
        var values = Observed.GetValueOrDefault(trait) ?? new Dictionary<string, ObservedValue>();
        var all = values.Values.Sum(known => known.Weight);
        var against = all - (values.GetValueOrDefault(value)?.Weight ?? 0);
        return Math.Round(StatedConfidence - (MostContradiction * against / (all + Doubt)), 3);
    }

    private Preference? Best(string trait)
    {
        if (Observed.GetValueOrDefault(trait) is not { Count: > 0 } values)
        {
            return null;
        }

        var (value, best) = values.OrderByDescending(known => known.Value.Weight).ThenBy(known => known.Key, StringComparer.Ordinal).First();
        var all = values.Values.Sum(known => known.Weight);
        var confidence = best.Weight / all * (all / (all + Doubt));
        return confidence < LeastConfidence
            ? null
            : new Preference(value, PreferenceSource.Observed, Math.Round(confidence, 3), best.Count, [], best.Messages, best.At);
    }

    /// <summary>The shortest run of hours, over midnight too, with most of the messages in it.</summary>
    private Preference? Active()
    {
        var all = Hours.Sum();
        if (all < LeastHours)
        {
            return null;
        }

        for (var length = 1; length <= 12; length++)
        {
            var (first, weight) = Enumerable.Range(0, 24).Select(from => (From: from, Weight: Enumerable.Range(from, length).Sum(hour => Hours[hour % 24]))).MaxBy(run => run.Weight);
            if (weight >= ActivePart * all)
            {
                return new Preference(
                    $"{first}-{(first + length - 1) % 24}", PreferenceSource.Observed, Math.Round(weight / all * (all / (all + (2 * Doubt))), 3), (int)Math.Round(all), [], [], UpdatedAt ?? default);
            }
        }

        return null;
    }
}

/// <summary>A value that was set.</summary>
internal sealed record SetValue(string Value, DateTimeOffset At);

/// <summary>How often a value was observed.</summary>
internal sealed record ObservedValue
{
    /// <summary>The sum of what the observations weigh, with what has faded taken off.</summary>
    public double Weight { get; init; }

    public int Count { get; init; }

    /// <summary>The last time.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The last messages that told it.</summary>
    public IReadOnlyList<Guid> Messages { get; init; } = [];
}

/// <summary>How a preference is known.</summary>
internal enum PreferenceSource
{
    /// <summary>It was set through the API.</summary>
    Set,

    /// <summary>The subject said so; a memory holds it.</summary>
    Stated,

    /// <summary>Messages and reactions hint at it.</summary>
    Observed,
}

/// <summary>Something that is preferred.</summary>
/// <param name="Value">The value.</param>
/// <param name="Source">How it is known.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="Observations">How many observations told it.</param>
/// <param name="MemoryIds">Memories that say it.</param>
/// <param name="MessageIds">The last messages that told it.</param>
/// <param name="UpdatedAt">When it was set, said or last observed.</param>
internal sealed record Preference(
    string Value, PreferenceSource Source, double Confidence, int Observations, IReadOnlyList<Guid> MemoryIds, IReadOnlyList<Guid> MessageIds, DateTimeOffset UpdatedAt);

/// <summary>A wish that the subject said, as a trait.</summary>
internal sealed record StatedWish(string Trait, string Value, Guid MemoryId, DateTimeOffset At);
