using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Endpoints;

/// <summary>Checks requests by the attributes of their properties.</summary>
/// <remarks>
/// Not the generated endpoint validation: that answers for the whole request, and a batch needs the errors of each item apart while the other items
/// are carried out. One mechanism serves both.
/// </remarks>
internal static class RequestRules
{
    private static readonly ConcurrentDictionary<Type, Rule[]> Rules = new();

    /// <summary>What is wrong with a request, by the JSON names of its fields; null when nothing is.</summary>
    public static Dictionary<string, string[]>? Check(object request)
    {
        Dictionary<string, string[]>? errors = null;
        foreach (var rule in Rules.GetOrAdd(request.GetType(), Read))
        {
            var value = rule.Property.GetValue(request);
            foreach (var attribute in rule.Attributes)
            {
                // No validator of ours looks at the context but for the name.
                var context = new ValidationContext(request, null, null) { MemberName = rule.JsonName, DisplayName = rule.JsonName };
                if (attribute.GetValidationResult(value, context) is { ErrorMessage: var message })
                {
                    (errors ??= [])[rule.JsonName] = [message ?? "Is not allowed."];
                    break;
                }
            }
        }

        return errors;
    }

    /// <summary>The answer to a request with errors.</summary>
    public static ProblemHttpResult ToProblem(this Dictionary<string, string[]> errors)
        => TypedResults.Problem(new HttpValidationProblemDetails(errors)
        {
            Type = Problems.Invalid.Type,
            Status = Problems.Invalid.Status,
            Title = Problems.Invalid.Title,
            Detail = Problems.Invalid.Detail,
        });

    // The required attribute comes first: what is missing has no other fault.
    private static Rule[] Read(Type type) =>
    [
        .. type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Select(property => new Rule(
                property,
                JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name),
                [.. property.GetCustomAttributes<ValidationAttribute>().OrderBy(attribute => attribute is not RequiredAttribute)]))
            .Where(rule => rule.Attributes.Length > 0),
    ];

    private sealed record Rule(PropertyInfo Property, string JsonName, ValidationAttribute[] Attributes);
}
