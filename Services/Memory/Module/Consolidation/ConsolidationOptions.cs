using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Consolidation;

/// <summary>Consolidation: merging what was restated, ending what is over, and letting what was observed often count for more; section <c>Memory:Consolidation</c>.</summary>
public sealed class ConsolidationOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Memory:Consolidation";

    /// <summary>Whether memories are consolidated by themselves once a day. It can be asked for in any case. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Hour of the day, in UTC, in which that begins. A server that is not up then leaves it to the next day. Default 3.</summary>
    [Range(0, 23)]
    public int Hour { get; set; } = 3;

    /// <summary>Messages after which an inferred memory that waits for review is let through: so many said it. It stays labelled as inferred. 0 for never. Default 3.</summary>
    [Range(0, 1_000)]
    public int ApproveAfter { get; set; } = 3;

    /// <summary>Least cosine of the vectors of two texts that say the same, where their words alone do not decide. 1 leaves the vectors out. Default 0.95.</summary>
    [Range(0.5, 1.0)]
    public double Similarity { get; set; } = 0.95;

    /// <summary>Days that runs and their changes are kept. Default 90.</summary>
    [Range(1, 3_650)]
    public int HistoryDays { get; set; } = 90;
}

[OptionsValidator]
internal sealed partial class ConsolidationOptionsValidator : IValidateOptions<ConsolidationOptions>;
