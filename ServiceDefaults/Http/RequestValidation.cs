using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MemoryMesh.ServiceDefaults.Http;

/// <summary>Checks request bodies by their validation attributes, nested objects and lists too, before the handler runs.</summary>
/// <remarks>Not <c>AddValidation()</c>: its source generator passes over types that are not public, and the DTOs of the modules are internal.</remarks>
public static class RequestValidation
{
    private const int MaxErrors = 100;
    private static readonly ConcurrentDictionary<Type, Member[]> Plans = new();

    /// <summary>Answers a body that breaks its rules with 400 and <see cref="Problems.Invalid"/>, naming each field.</summary>
    public static TBuilder ValidateRequests<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
        => builder.AddEndpointFilterFactory((factory, next) =>
        {
            var module = factory.MethodInfo.Module.Assembly;
            var checkedArguments = factory.MethodInfo.GetParameters()
                .Where(parameter => parameter.ParameterType.Assembly == module && HasRules(parameter.ParameterType, []))
                .Select(parameter => parameter.Position)
                .ToArray();
            return checkedArguments.Length == 0
                ? next
                : context =>
                {
                    var errors = new Dictionary<string, string[]>();
                    foreach (var position in checkedArguments)
                    {
                        Check(context.Arguments[position], "", errors);
                    }

                    return errors.Count == 0 ? next(context) : ValueTask.FromResult<object?>(Problems.InvalidFields(errors));
                };
        });

    /// <summary>What is wrong with an object: messages by the path of the field.</summary>
    public static IReadOnlyDictionary<string, string[]> Check(object request)
    {
        var errors = new Dictionary<string, string[]>();
        Check(request, "", errors);
        return errors;
    }

    private static void Check(object? value, string path, Dictionary<string, string[]> errors)
    {
        if (value is null || errors.Count >= MaxErrors)
        {
            return;
        }

        foreach (var member in PlanOf(value.GetType()))
        {
            var content = member.Property.GetValue(value);
            var name = path + member.Name;
            var context = new ValidationContext(value) { MemberName = member.Property.Name, DisplayName = member.Name };
            var messages = member.Rules
                .Select(rule => rule.GetValidationResult(content, context)?.ErrorMessage)
                .OfType<string>()
                .Take(1)
                .ToArray();
            if (messages.Length > 0)
            {
                errors.TryAdd(name, messages);
            }
            else if (member.IsList && content is IEnumerable items)
            {
                var index = 0;
                foreach (var item in items)
                {
                    Check(item, $"{name}[{index++}].", errors);
                }
            }
            else if (member.IsObject)
            {
                Check(content, $"{name}.", errors);
            }
        }
    }

    private static Member[] PlanOf(Type type)
        => Plans.GetOrAdd(type, static type =>
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.CanRead && property.GetIndexParameters().Length == 0)
                .Select(property =>
                {
                    var item = ItemOf(property.PropertyType);
                    return new Member(
                        property,
                        JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name),
                        [.. property.GetCustomAttributes<ValidationAttribute>()],
                        IsList: item is not null && IsOurs(item, type),
                        IsObject: item is null && IsOurs(property.PropertyType, type));
                })
                .Where(member => member.Rules.Length > 0 || member.IsList || member.IsObject),
        ]);

    private static bool HasRules(Type type, HashSet<Type> seen)
        => seen.Add(type) && PlanOf(type).Any(member => member.Rules.Length > 0
            || HasRules(ItemOf(member.Property.PropertyType) ?? member.Property.PropertyType, seen));

    private static Type? ItemOf(Type type)
        => type == typeof(string)
            ? null
            : type.GetInterfaces().Append(type)
                .FirstOrDefault(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0];

    private static bool IsOurs(Type type, Type owner) => type is { IsClass: true } && type.Assembly == owner.Assembly;

    private sealed record Member(PropertyInfo Property, string Name, ValidationAttribute[] Rules, bool IsList, bool IsObject);
}
