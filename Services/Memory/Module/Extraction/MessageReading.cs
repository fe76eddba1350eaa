namespace MemoryMesh.Memory.Extraction;

/// <summary>What is made of what no rule reads.</summary>
internal enum Weighing
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is weighed by its words.</summary>
    Words,

    /// <summary>It is weighed by its words, and facts that may have ended without being named are told, so that their meaning can be held against the message's.</summary>
    WordsAndMeaning,
}

/// <summary>What a message says.</summary>
/// <param name="Facts">The facts, in order of appearance.</param>
/// <param name="WithheldPrivate">Whether something private was stated besides that nothing asks to be kept.</param>
/// <param name="Unnamed">Facts told before that may have ended, though the message does not name them.</param>
internal sealed record MessageReading(IReadOnlyList<MemoryCandidate> Facts, bool WithheldPrivate, IReadOnlyList<UnnamedFact> Unnamed);

/// <summary>A fact told before that a message may have ended without naming it.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Over">The logarithm of the odds that it is over, by the words of the message.</param>
internal sealed record UnnamedFact(string Text, float Over);
