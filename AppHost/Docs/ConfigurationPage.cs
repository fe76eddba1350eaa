using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using MemoryMesh.ServiceDefaults.Configuration;

namespace MemoryMesh.AppHost.Docs;

/// <summary>docs/configuration.md: every setting of every options class, and the environment names of earlier services.</summary>
internal static class ConfigurationPage
{
    public static string Render()
    {
        var page = new MarkdownPage("Configuration")
            .Paragraph(
                "Settings are read from `appsettings.json` in the folder of the program, environment names in the .NET form "
                + "`Section__Key`, and the command line as `--Section:Key=value`; of these the later one counts. Durations are written `hh:mm:ss` or `d.hh:mm:ss`. Items of a list are numbered: `Section__Key__0`. "
                + "A value that is not allowed stops the start, with a message that names the setting.");
        foreach (var (section, type) in FindOptions())
        {
            var settings = Settings(section, type, Activator.CreateInstance(type)!).ToList();
            if (settings.Count == 0)
            {
                continue;
            }

            page.Heading(section)
                .Paragraph(XmlSummaries.Of(type))
                .Table(
                    ["setting", "environment name", "type", "default", "allowed", "meaning"],
                    settings.Select(setting => (IReadOnlyList<string?>)
                    [
                        $"`{setting.Key}`",
                        $"`{setting.Key.Replace(":", "__", StringComparison.Ordinal)}`",
                        TypeName(setting.Property.PropertyType),
                        Code(Text(setting.Default)),
                        Bounds(setting.Property),
                        XmlSummaries.Of(setting.Property),
                    ]));
        }

        return page
            .Heading("Environment names of earlier services")
            .Paragraph(
                "These are honoured too. Another source may not give the same setting another value: the start then stops and names both. "
                + "The command line may, and wins. A name that starts with `MEMORY_` and is not listed is warned of. Values of secret names are never written anywhere.")
            .Paragraph(
                "Addresses of stores are read in every form that earlier services took. This build has the embedded stores and no other: what asks for another "
                + "place for the data stops the start with the way out, what would only have made things faster is warned of. `Storage__Engine=embedded` "
                + "says that such names are in the environment for other programs; then they are left alone.")
            .Table(
                ["name", "setting", "value", "secret", "default", "meaning"],
                EnvironmentNames.All.Select(name => (IReadOnlyList<string?>)
                    [$"`{name.Name}`", Code(name.Key), name.Value.Describe(), name.Secret ? "yes" : "no", name.Default, name.Meaning]))
            .ToString();
    }

    /// <summary>The public options classes, by section.</summary>
    internal static IEnumerable<(string Section, Type Type)> FindOptions()
        => from assembly in ProductAssemblies.All
           from type in assembly.GetExportedTypes()
           where type is { IsClass: true, IsAbstract: false } && type.Name.EndsWith("Options", StringComparison.Ordinal)
           let section = type.GetField("Section", BindingFlags.Public | BindingFlags.Static)
           where section is { IsLiteral: true }
           let name = (string)section.GetRawConstantValue()!
           orderby name, type.FullName
           select (name, type);

    /// <summary>Keys of an options class and the classes inside it, with the default of each.</summary>
    internal static IEnumerable<(string Key, PropertyInfo Property, object? Default)> Settings(string section, Type type, object? defaults)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0 && (property.CanWrite || IsGroup(property.PropertyType)))
            .OrderBy(property => property.MetadataToken))
        {
            var value = defaults is null ? null : property.GetValue(defaults);
            if (IsGroup(property.PropertyType))
            {
                foreach (var inner in Settings($"{section}:{property.Name}", property.PropertyType, value))
                {
                    yield return inner;
                }
            }
            else
            {
                yield return ($"{section}:{property.Name}", property, value);
            }
        }
    }

    private static bool IsGroup(Type type)
        => type.IsClass && type.Assembly.GetName().Name!.StartsWith("MemoryMesh.", StringComparison.Ordinal) && !typeof(IEnumerable).IsAssignableFrom(type);

    private static string TypeName(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string) || type == typeof(Uri))
        {
            return "text";
        }

        if (type.IsEnum)
        {
            return string.Join(", ", Enum.GetNames(type));
        }

        var face = type.GetInterfaces().Append(type).ToList();
        var map = face.FirstOrDefault(item => item.IsGenericType && item.GetGenericTypeDefinition() == typeof(IDictionary<,>));
        if (map is not null)
        {
            return $"{TypeName(map.GetGenericArguments()[1])} by name";
        }

        var list = face.FirstOrDefault(item => item.IsGenericType && item.GetGenericTypeDefinition() == typeof(IEnumerable<>));
        return list is not null
            ? $"list of {TypeName(list.GetGenericArguments()[0])}"
            : type == typeof(bool) ? "true or false"
            : type == typeof(TimeSpan) ? "duration"
            : type == typeof(double) || type == typeof(float) || type == typeof(decimal) ? "number"
            : type.IsPrimitive ? "whole number"
            : JsonNamingPolicy.SnakeCaseLower.ConvertName(type.Name).Replace('_', ' ');
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        string text => text,
        IEnumerable items => string.Join(", ", items.Cast<object?>().Select(Text)),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static string? Code(string? text) => string.IsNullOrEmpty(text) ? null : $"`{text}`";

    private static string Bounds(PropertyInfo property)
        => string.Join("; ", property.GetCustomAttributes<ValidationAttribute>().Select(rule => rule switch
        {
            RequiredAttribute => "required",
            RangeAttribute range => $"{(range.MinimumIsExclusive ? "above " : "")}{Text(range.Minimum)} to {(range.MaximumIsExclusive ? "below " : "")}{Text(range.Maximum)}",
            StringLengthAttribute length => $"{length.MinimumLength} to {length.MaximumLength} characters",
            MinLengthAttribute least => $"at least {least.Length} long",
            MaxLengthAttribute most => $"at most {most.Length} long",
            LengthAttribute length => $"{length.MinimumLength} to {length.MaximumLength} long",
            AllowedValuesAttribute allowed => string.Join(", ", allowed.Values.Select(Text)),
            RegularExpressionAttribute form => $"`{form.Pattern}`",
            UrlAttribute => "URL",
            _ => null,
        }).OfType<string>());
}
