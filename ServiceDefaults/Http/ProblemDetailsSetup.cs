using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.ServiceDefaults.Http;

/// <summary>Makes every error problem details (RFC 9457) with a type of <see cref="Problems"/>, and JSON snake_case and strict.</summary>
public static class ProblemDetailsSetup
{
    /// <summary>Deepest nesting of a JSON body.</summary>
    public const int MaxJsonDepth = 32;

    /// <summary>Registers it.</summary>
    public static IServiceCollection AddMemoryMeshProblems(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => Configure(json.SerializerOptions));
        // The exception alone tells which field could not be read.
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddExceptionHandler<ExceptionToProblem>();
        services.AddSingleton<IProblemDetailsWriter, ProblemWriter>();
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = Customize);
        return services;
    }

    /// <summary>First in the pipeline.</summary>
    public static IApplicationBuilder UseMemoryMeshProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { SuppressDiagnosticsCallback = _ => true });
        app.UseStatusCodePages();
        return app;
    }

    /// <summary>The JSON of the API: snake_case, unknown fields refused, times in ISO 8601.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DictionaryKeyPolicy = null;
        options.PropertyNameCaseInsensitive = false;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.MaxDepth = MaxJsonDepth;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
        options.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new UtcTimeConverter());
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
    }

    private static void Customize(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        var status = problem.Status ?? context.HttpContext.Response.StatusCode;
        if (problem.Type is null || !problem.Type.StartsWith(ProblemKind.TypePrefix, StringComparison.Ordinal))
        {
            var kind = problem is HttpValidationProblemDetails ? Problems.Invalid : Problems.ForStatus(status);
            problem.Type = kind.Type;
            problem.Title = kind.Title;
            problem.Detail = kind.Detail;
        }

        if (problem is HttpValidationProblemDetails invalid)
        {
            invalid.Errors = invalid.Errors.ToDictionary(
                error => string.Join('.', error.Key.Split('.').Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)), error => error.Value);
        }

        else if (problem.Type == Problems.Malformed.Type && UnreadableField.FindParameters(context.HttpContext) is { Count: > 0 } errors)
        {
            problem.Extensions["errors"] = errors;
        }

        problem.Extensions.Remove("traceId");

        // What is not there and what is another's must be answered with the same bytes, so a 404 carries its trace id in the header alone.
        if (status != StatusCodes.Status404NotFound && Activity.Current is { } activity)
        {
            problem.Extensions["trace_id"] = activity.TraceId.ToHexString();
        }
    }
}

/// <summary>Reads a time without an offset as UTC. By default it would be the server's own zone, and mean another moment on each server.</summary>
internal sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.GetDateTime() is { Kind: DateTimeKind.Unspecified } time ? new DateTimeOffset(time, TimeSpan.Zero) : reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

/// <summary>Writes problems whatever the client accepts: the writer of ASP.NET Core leaves errors without a body for a client that does not list JSON.</summary>
internal sealed class ProblemWriter(IOptions<ProblemDetailsOptions> options) : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var response = context.HttpContext.Response;
        context.ProblemDetails.Status ??= response.StatusCode;
        options.Value.CustomizeProblemDetails?.Invoke(context);
        return new ValueTask(response.WriteAsJsonAsync(
            context.ProblemDetails, context.ProblemDetails.GetType(), options: null, contentType: "application/problem+json", context.HttpContext.RequestAborted));
    }
}

/// <summary>Turns exceptions into problems: overload and full disks by their own kind, everything else into an internal error that tells nothing.</summary>
internal sealed partial class ExceptionToProblem(IProblemDetailsService problems, ILogger<ExceptionToProblem> logger) : IExceptionHandler
{
    private const int ClientClosedRequest = 499;

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = ClientClosedRequest;
            return true;
        }

        var kind = exception switch
        {
            StorageUnavailableException { DiskFull: true } => Problems.InsufficientStorage,
            StorageUnavailableException or DependencyUnavailableException => Problems.Unavailable,
            BadHttpRequestException bad => Problems.ForStatus(bad.StatusCode),
            _ => Problems.Internal,
        };

        // The handler runs after the endpoint was taken from the request.
        var route = httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.DisplayName ?? "no route";
        if (kind == Problems.Internal)
        {
            LogUnhandled(logger, route, exception);
        }
        else if (kind.Status >= 500)
        {
            LogUnavailable(logger, route, exception.GetType().Name, exception.Message);
            httpContext.Response.Headers.RetryAfter = "2";
        }

        httpContext.Response.StatusCode = kind.Status;
        var details = exception is BadHttpRequestException unreadable && UnreadableField.NameOf(unreadable) is { } field
            ? UnreadableField.ToDetails(kind, field)
            : kind.ToDetails();
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = details });
    }

    [LoggerMessage(EventId = 1201, Level = LogLevel.Error, Message = "{Route} failed")]
    private static partial void LogUnhandled(ILogger logger, string route, Exception exception);

    [LoggerMessage(EventId = 1202, Level = LogLevel.Warning, Message = "{Route} is unavailable: {Kind}: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string route, string kind, string reason);
}

/// <summary>Another service that is needed cannot be reached. Answered as 503 with Retry-After.</summary>
public class DependencyUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    public DependencyUnavailableException()
    {
    }

    /// <summary>Creates the exception.</summary>
    public DependencyUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public DependencyUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
