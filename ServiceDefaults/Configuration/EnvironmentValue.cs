using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Configuration;

/// <summary>What values an environment name takes.</summary>
public enum EnvironmentValue
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary>A text that is never shown.</summary>
    Secret,

    /// <summary>A whole number.</summary>
    WholeNumber,

    /// <summary>A number with a point.</summary>
    Number,

    /// <summary>A number of requests for each second, minute, hour or day: <c>200/minute</c>; or <c>none</c>.</summary>
    Rate,

    /// <summary>Texts with commas between them.</summary>
    List,

    /// <summary>A log level, by its .NET name or as Python has it.</summary>
    LogLevel,

    /// <summary>One of the providers of embeddings.</summary>
    EmbeddingProvider,

    /// <summary>An address of PostgreSQL in the form of SQLAlchemy, libpq or .NET, or one of SQLite.</summary>
    PostgresAddress,

    /// <summary>An address of MongoDB.</summary>
    MongoAddress,

    /// <summary>An address of Redis.</summary>
    RedisAddress,
}

/// <summary>Reads the values of environment names.</summary>
public static partial class EnvironmentValues
{
    /// <summary>What the value means for people: its form in one line.</summary>
    public static string Describe(this EnvironmentValue value) => value switch
    {
        EnvironmentValue.Text => "text",
        EnvironmentValue.Secret => "secret",
        EnvironmentValue.WholeNumber => "whole number",
        EnvironmentValue.Number => "number",
        EnvironmentValue.Rate => "`200/minute` (second, minute, hour, day), or `none`",
        EnvironmentValue.List => "texts with commas between them",
        EnvironmentValue.EmbeddingProvider => "local, openai, google_gemini, ollama or custom",
        EnvironmentValue.PostgresAddress => "`postgresql://user@host/database`, `host=... dbname=...`, `Host=...;Database=...` or `sqlite://`",
        EnvironmentValue.MongoAddress => "`mongodb://...` or `mongodb+srv://...`",
        EnvironmentValue.RedisAddress => "`redis://host:6379/0` or `host:6379,option=value`",
        _ => "TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL or NONE",
    };

    /// <summary>The value as the configuration has it: equal meanings give equal texts. Null when it is not of the kind.</summary>
    internal static string? Normalize(this EnvironmentValue kind, string text)
    {
        text = text.Trim();
        switch (kind)
        {
            case EnvironmentValue.WholeNumber:
                return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
                    ? whole.ToString(CultureInfo.InvariantCulture)
                    : null;
            case EnvironmentValue.Number:
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                    ? number.ToString(CultureInfo.InvariantCulture)
                    : null;
            case EnvironmentValue.Rate:
                if (text.Equals("none", StringComparison.OrdinalIgnoreCase))
                {
                    return "none";
                }

                var rate = RateForm().Match(text);
                return rate.Success
                    ? $"{int.Parse(rate.Groups[1].ValueSpan, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)}/{rate.Groups[2].Value.ToLowerInvariant()}"
                    : null;
            case EnvironmentValue.List:
                return string.Join(',', text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            case EnvironmentValue.LogLevel:
                return text.ToUpperInvariant() switch
                {
                    "TRACE" => nameof(LogLevel.Trace),
                    "DEBUG" => nameof(LogLevel.Debug),
                    "INFO" or "INFORMATION" => nameof(LogLevel.Information),
                    "WARN" or "WARNING" => nameof(LogLevel.Warning),
                    "ERROR" => nameof(LogLevel.Error),
                    "CRITICAL" or "FATAL" => nameof(LogLevel.Critical),
                    "NONE" => nameof(LogLevel.None),
                    _ => null,
                };
            case EnvironmentValue.EmbeddingProvider:
                var provider = text.ToLowerInvariant();
                return provider is "local" or "openai" or "google_gemini" or "ollama" or "custom" ? provider : null;
            case EnvironmentValue.PostgresAddress:
                return StoreAddresses.NormalizePostgres(text);
            case EnvironmentValue.MongoAddress:
                return StoreAddresses.NormalizeMongo(text);
            case EnvironmentValue.RedisAddress:
                return StoreAddresses.NormalizeRedis(text);
            default:
                return text;
        }
    }

    [GeneratedRegex(@"^([0-9]{1,9})\s*(?:/|per)\s*(second|minute|hour|day)s?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex RateForm();
}
