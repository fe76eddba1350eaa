using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace MemoryMesh.ServiceDefaults.Http;

/// <summary>Names what of a request could not be read: the field of a body that is of another type, not documented or no text, or parameters of another type.</summary>
internal static class UnreadableField
{
    /// <summary>Longest name that is given back, in UTF-16 units.</summary>
    private const int MaxLength = 200;

    private static readonly string[] Message = ["Is not documented, or not of the documented type."];

    /// <summary>The path of the field, for example <c>filter.and[0].value</c>; null when it is the body as a whole that cannot be read.</summary>
    /// <param name="exception">What the reading of a request threw.</param>
    public static string? NameOf(BadHttpRequestException exception)
    {
        if (exception.InnerException is not JsonException { Path: { } path })
        {
            return null;
        }

        var field = path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path.TrimStart('$');
        return field.Length is > 0 and <= MaxLength && !field.Any(c => char.IsControl(c) || char.IsSurrogate(c)) ? field : null;
    }

    /// <summary>What is wrong with each parameter of the address that is not of its documented type; empty when none is.</summary>
    /// <param name="http">The request; its endpoint was found.</param>
    public static Dictionary<string, string[]> FindParameters(HttpContext http)
    {
        var endpoint = http.GetEndpoint() ?? http.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        var errors = new Dictionary<string, string[]>();
        foreach (var (name, type) in endpoint?.Metadata.GetMetadata<MethodInfo>() is { } method ? method.GetParameters().SelectMany(ParametersOf) : [])
        {
            if (http.Request.Query.TryGetValue(name, out var values) && values is [{ Length: > 0 } value] && !CanBeRead(Nullable.GetUnderlyingType(type) ?? type, value))
            {
                errors.TryAdd(name, Message);
            }
        }

        return errors;
    }

    private static IEnumerable<(string Name, Type Type)> ParametersOf(ParameterInfo parameter)
        => parameter.GetCustomAttribute<AsParametersAttribute>() is null
            ? [(parameter.GetCustomAttribute<FromQueryAttribute>()?.Name ?? parameter.Name!, parameter.ParameterType)]
            : parameter.ParameterType.GetProperties().Select(property => (property.GetCustomAttribute<FromQueryAttribute>()?.Name ?? property.Name, property.PropertyType));

    private static bool CanBeRead(Type type, string value)
        => type == typeof(int) ? int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _)
            : type == typeof(long) ? long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _)
            : type == typeof(double) ? double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            : type == typeof(bool) ? bool.TryParse(value, out _)
            : type == typeof(Guid) ? Guid.TryParse(value, out _)
            : type != typeof(DateTimeOffset) || DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, out _);

    /// <summary>The problem with the field named.</summary>
    /// <param name="kind">What the request failed with.</param>
    /// <param name="field">The field.</param>
    public static ProblemDetails ToDetails(ProblemKind kind, string field) => new HttpValidationProblemDetails(new Dictionary<string, string[]> { [field] = Message })
    {
        Type = kind.Type,
        Status = kind.Status,
        Title = kind.Title,
        Detail = kind.Detail,
    };
}
