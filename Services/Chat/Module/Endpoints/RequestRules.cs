using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Endpoints;

/// <summary>Checks requests by hand rather than by an endpoint filter: a batch needs the errors of each item apart, while the other items are carried out.</summary>
internal static class RequestRules
{
    /// <summary>The answer to a request or an item that breaks the rules of its attributes, or one of the others; null when all is well.</summary>
    public static ProblemHttpResult? Check(object request, params ReadOnlySpan<(string Field, string Message)?> others)
    {
        var errors = new Dictionary<string, string[]>(RequestValidation.Check(request));
        foreach (var other in others)
        {
            if (other is { } error)
            {
                errors.TryAdd(error.Field, [error.Message]);
            }
        }

        return errors.Count == 0 ? null : Problems.InvalidFields(errors);
    }

    /// <summary>The answer to a batch of too few or too many items; null when all is well.</summary>
    public static ProblemHttpResult? CheckBatch<T>(IReadOnlyList<T>? items, string field)
        => items is { Count: >= 1 and <= ChatLimits.BatchItems } ? null : Problems.InvalidField(field, $"Must have 1 to {ChatLimits.BatchItems} items.");
}
