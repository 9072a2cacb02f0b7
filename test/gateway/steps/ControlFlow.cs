using System;
using System.Collections.Generic;
using System.Linq;
using Newtonsoft.Json.Linq;

namespace Gateway
{
	sealed class ChooseStep : Step
	{
		readonly List<KeyValuePair<Value, List<Step>>> cases;
		readonly List<Step> otherwise = new List<Step>();

		internal ChooseStep(Place at)
		{
			cases = at.Children("when").Select(when => new KeyValuePair<Value, List<Step>>(
				when.Value("condition"), when.Policies(when.Element))).ToList();
			var last = at.Child("otherwise");
			if (last != null)
				otherwise = last.Policies(last.Element);
		}

		internal override bool Run(Execution x)
		{
			foreach (var one in cases)
				if (one.Key.True(x))
					return RunAll(one.Value, x);
			return RunAll(otherwise, x);
		}
	}

	sealed class SetVariableStep : Step
	{
		static readonly Type[] Allowed =
		{
			typeof(bool), typeof(char), typeof(string), typeof(byte), typeof(sbyte), typeof(short),
			typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float),
			typeof(double), typeof(decimal), typeof(Guid), typeof(DateTime), typeof(TimeSpan),
			typeof(byte[]), typeof(sbyte[]),
		};

		readonly string name;
		readonly Value value;

		internal SetVariableStep(Place at)
		{
			name = at.Plain("name");
			value = at.Value("value");
		}

		internal override bool Run(Execution x)
		{
			x.Context.Variables[name] = Storable(value.Get(x));
			return true;
		}

		/* value, if it is of a type that variables and the cache take. */
		internal static object Storable(object value)
		{
			if (value != null && !(value is JToken) && !Allowed.Contains(value.GetType()))
				throw PolicyFailure.OfExpression("a variable cannot hold a " + value.GetType().Name);
			return value;
		}
	}

	sealed class RetryStep : Step
	{
		static readonly Random Random = new Random();

		readonly Value condition, count, interval, maxInterval, delta;
		readonly bool firstFast;
		readonly List<Step> steps;

		internal RetryStep(Place at)
		{
			condition = at.Value("condition");
			count = at.Value("count");
			interval = at.Value("interval");
			maxInterval = at.Value("max-interval");
			delta = at.Value("delta");
			firstFast = at.Flag("first-fast-retry", false);
			steps = at.Policies(at.Element);
		}

		internal override bool Run(Execution x)
		{
			var retries = Math.Min(50, Math.Max(1, count.Whole(x)));
			for (var n = 1; ; n++)
			{
				if (!RunAll(steps, x))
					return false;
				if (!condition.True(x) || n > retries)
					return true;
				x.Gateway.Counters.Add("retry");
				if (n > 1 || !firstFast)
					Api.PolicyClock.Wait(TimeSpan.FromSeconds(Pause(x, n)));
			}
		}

		/* Seconds before the nth repetition. */
		double Pause(Execution x, int n)
		{
			double first = interval.Whole(x);
			if (delta == null)
				return first;
			if (maxInterval == null)
				return first + (n - 1) * delta.Whole(x);
			double chance;
			lock (Random)
				chance = 0.8 + Random.NextDouble() * 0.4;
			return Math.Min(maxInterval.Whole(x), first + Math.Pow(2, n - 1) * chance * delta.Whole(x));
		}
	}

	sealed class ReturnResponseStep : Step
	{
		readonly string variable;
		readonly SetStatusStep status;
		readonly List<HeaderChange> headers;
		readonly Value body;

		internal ReturnResponseStep(Place at)
		{
			variable = at.Plain("response-variable-name");
			var code = at.Child("set-status");
			status = code == null ? null : new SetStatusStep(code);
			headers = at.Children("set-header").Select(one => new HeaderChange(one)).ToList();
			var text = at.Child("set-body");
			body = text == null ? null : text.Text();
		}

		internal override bool Run(Execution x)
		{
			var response = Start(x);
			if (status != null)
				status.Apply(x, response);
			foreach (var header in headers)
				header.Apply(x, response.Headers);
			if (body != null)
				response.Body = new MessageBody(body.Bytes(x));
			x.Respond(response);
			return false;
		}

		ResponseState Start(Execution x)
		{
			if (variable == null)
				return new ResponseState { StatusCode = 200, StatusReason = "OK" };
			object found;
			x.Context.Variables.TryGetValue(variable, out found);
			var got = found as ResponseState;
			if (got == null)
				throw PolicyFailure.OfExpression("the variable " + variable + " holds no response");
			return new ResponseState { StatusCode = got.StatusCode, StatusReason = got.StatusReason,
				Headers = new HeaderMap(got.Headers), Body = got.Body };
		}
	}

	/* Goes to the emulator's own trace, where tests can read it. */
	sealed class TraceStep : Step
	{
		readonly Value source, message;

		internal TraceStep(Place at)
		{
			source = at.Value("source");
			message = at.Child("message").Text();
		}

		internal override bool Run(Execution x)
		{
			x.Gateway.Counters.Trace(source.Text(x) + ": " + message.Text(x).Trim());
			return true;
		}
	}
}
