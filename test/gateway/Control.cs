using System;
using System.Text;
using Gateway.Api;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Gateway
{
	/* The interface for tests, on a port of its own: the clock, the cache, and what happened. */
	sealed class Control
	{
		const string Root = "/__control";

		readonly GatewayServices gateway;

		internal Control(GatewayServices gateway)
		{
			this.gateway = gateway;
		}

		internal void OnExchange(ServerExchange exchange)
		{
			JToken answer;
			try
			{
				answer = CarryOut(exchange.Method + " " + exchange.Target, exchange);
			}
			catch (Exception e) when (e is JsonException || e is InvalidCastException
				|| e is ArgumentException)
			{
				answer = new JObject(new JProperty("error", e.Message));
			}
			var headers = new HeaderMap();
			headers.Set("Content-Type", "application/json");
			var wrong = answer is JObject && answer["error"] != null;
			exchange.Answer(wrong ? 400 : 200, wrong ? "Bad Request" : "OK", headers,
				Encoding.UTF8.GetBytes(answer.ToString(Formatting.None)));
		}

		JToken CarryOut(string order, ServerExchange exchange)
		{
			switch (order)
			{
			case "GET " + Root:
				return Everything();
			case "POST " + Root + "/clock":
				Advance(exchange);
				return Everything();
			case "DELETE " + Root + "/cache":
				gateway.Cache.Clear();
				return Everything();
			case "DELETE " + Root + "/rates":
				gateway.Rates.Clear();
				return Everything();
			case "DELETE " + Root + "/keys":
				gateway.Keys.Clear();
				return Everything();
			case "DELETE " + Root + "/counts":
				gateway.Counters.Clear();
				return Everything();
			default:
				throw new ArgumentException("no \"" + order + "\"; there are GET " + Root + ", POST " + Root
					+ "/clock {\"advance_s\": N}, DELETE " + Root + "/{cache,rates,keys,counts}");
			}
		}

		static void Advance(ServerExchange exchange)
		{
			var bytes = exchange.Body == null ? new byte[0] : new MessageBody(exchange.Body).Buffer();
			var by = JObject.Parse(Encoding.UTF8.GetString(bytes))["advance_s"];
			if (by == null)
				throw new ArgumentException("advance_s is missing");
			PolicyClock.Advance(TimeSpan.FromSeconds((double)by));
		}

		JObject Everything()
		{
			return new JObject(
				new JProperty("clock_added_s", Math.Round(PolicyClock.AddedSeconds, 3)),
				new JProperty("counts", gateway.Counters.Counted()),
				new JProperty("cache", gateway.Cache.Listed()),
				new JProperty("trace", gateway.Counters.Traced()));
		}
	}
}
