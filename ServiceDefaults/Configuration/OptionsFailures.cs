using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace MemoryMesh.ServiceDefaults.Configuration;

/// <summary>Tells what is wrong with settings in the words of the person who set them: by key and environment name.</summary>
/// <remarks>The generated validators name the property only, and leave out the message that a range attribute was given.</remarks>
public static partial class OptionsFailures
{
    /// <summary>All failures, one sentence each. No value is repeated.</summary>
    public static string Describe(OptionsValidationException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var section = exception.OptionsType.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string;
        return string.Join(' ', exception.Failures.Select(failure => Describe(exception.OptionsType, section, failure)));
    }

    private static string Describe(Type options, string? section, string failure)
    {
        var match = GeneratedForm().Match(failure);
        if (section is null || !match.Success || options.GetProperty(match.Groups[1].Value) is null)
        {
            return failure;
        }

        var key = $"{section}:{match.Groups[1].Value}";
        var reason = match.Groups[2].Value;
        if (reason.StartsWith(key, StringComparison.Ordinal))
        {
            return reason;
        }

        var names = EnvironmentNames.All.Where(name => name.Key == key).Select(name => name.Name).Prepend(key.Replace(":", "__", StringComparison.Ordinal));
        return $"{key} (as an environment name {string.Join(" or ", names)}) is not allowed: {FieldName().Replace(reason, "it ")}";
    }

    [GeneratedRegex(@"^(\w+): (.+)$", RegexOptions.Singleline)]
    private static partial Regex GeneratedForm();

    [GeneratedRegex(@"^The (?:field )?\S+ (?:field )?")]
    private static partial Regex FieldName();
}
