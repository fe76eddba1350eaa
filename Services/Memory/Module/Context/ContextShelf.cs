namespace MemoryMesh.Memory.Context;

/// <summary>Things that may stand in one part of a context, and those of them that fit.</summary>
/// <param name="open">What stands before them.</param>
/// <param name="close">What stands behind them.</param>
/// <param name="items">What may stand there, the most wanted first, each with its text.</param>
/// <param name="cost">Tokens of a text; of two together never more than the sum.</param>
/// <remarks>What does not fit is passed over for what comes after it, but where <see cref="InARow"/> is set.</remarks>
internal sealed class ContextShelf<T>(string open, string close, IReadOnlyList<(T Item, string Text)> items, Func<string, int> cost)
{
    private readonly int _frame = cost(open) + cost(close);
    private readonly int[] _costs = [.. items.Select(item => cost(item.Text))];

    /// <summary>Whether it ends with the first that does not fit: messages, where a gap would mislead.</summary>
    public bool InARow { get; init; }

    /// <summary>Makes the first one shorter when not even that fits: gives it within as many tokens, or null.</summary>
    public Func<T, int, (T Item, string Text)?>? Shorten { get; init; }

    /// <summary>Those that fit, the most wanted first.</summary>
    public IReadOnlyList<(T Item, string Text)> Chosen { get; private set; } = [];

    /// <summary>Tokens they take with what stands before and behind them; 0 when none fit.</summary>
    public int Used { get; private set; }

    /// <summary>Whether something was left out or cut.</summary>
    public bool LeftOut { get; private set; }

    /// <summary>Chooses anew.</summary>
    /// <param name="budget">Most tokens.</param>
    public void Fit(int budget)
    {
        var chosen = new List<(T, string)>();
        var used = _frame;
        LeftOut = false;
        for (var i = 0; i < items.Count; i++)
        {
            if (used + _costs[i] <= budget)
            {
                used += _costs[i];
                chosen.Add(items[i]);
                continue;
            }

            LeftOut = true;
            if (chosen.Count == 0 && Shorten?.Invoke(items[i].Item, budget - used) is { } cut)
            {
                used += cost(cut.Text);
                chosen.Add(cut);
            }

            if (InARow)
            {
                break;
            }
        }

        Chosen = chosen;
        Used = chosen.Count == 0 ? 0 : used;
    }

    /// <summary>The part as text; empty when nothing fits.</summary>
    /// <param name="backwards">Whether the most wanted comes last.</param>
    public string Write(bool backwards = false)
        => Chosen.Count == 0 ? "" : open + string.Concat((backwards ? Chosen.Reverse() : Chosen).Select(item => item.Text)) + close;
}
